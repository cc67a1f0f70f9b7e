import { normalize } from "./vector";

/** As many as ko-sbert-multitask has, so that a checkout and production fit the same collections' shape. */
export const NGRAM_DIMENSIONS = 768;
/** Characters of the shortest and longest piece. */
const SHORTEST = 2;
const LONGEST = 4;

/** The vector of a text, of length 1. The same on every machine. */
export function hashedNgrams(text: string): Float32Array {
  const counts = new Map<number, number>();
  // Framed by spaces, a word's first and last letters are pieces of their own.
  const characters = Array.from(` ${text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()} `);
  for (let start = 0; start < characters.length; start += 1) {
    let hash = FNV_OFFSET;
    for (let length = 1; length <= LONGEST; length += 1) {
      const character = characters[start + length - 1];
      if (character === undefined) break;
      hash = fnv1a(hash, character.codePointAt(0) ?? 0);
      if (length >= SHORTEST) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    }
  }
  const vector = new Float32Array(NGRAM_DIMENSIONS);
  for (const [hash, count] of counts) {
    const mixed = mix(hash);
    const place = mixed % NGRAM_DIMENSIONS;
    // A sign of its own for each piece: pieces that share a place cancel out rather than add up.
    vector[place] = (vector[place] ?? 0) + (mixed & SIGN_BIT ? -1 : 1) * Math.sqrt(count);
  }
  return normalize(vector);
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** A bit that the remainder by 768 = 3·2⁸ does not give away. */
const SIGN_BIT = 0x40000000;

/** FNV-1a over a code point's three bytes. */
function fnv1a(seed: number, codePoint: number): number {
  let hash = seed;
  for (const byte of [codePoint & 0xff, (codePoint >> 8) & 0xff, codePoint >> 16]) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return hash >>> 0;
}

/** MurmurHash3's finalizer: FNV's low bits alone would leave places empty. https://github.com/aappleby/smhasher */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
