import type { Finding } from "./finding";

/** RFC 7468 and, with `BLOCK`, OpenPGP's armour. */
const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;

/** Length of the longest key that is searched for, in characters: RSA of 16,384 bits takes 12,700, and a diff adds one a line. */
const LONGEST_KEY = 20_000;

/** Characters of a key's lines: base64, a diff's marks, line ends, also escaped ones, and quotes. */
const KEY_CHARACTERS = /^[A-Za-z0-9+/=\s\\"',:-]*/;

/**
 * Private keys in PEM, with a diff's marks before the lines or with line ends escaped as in JSON. One that has no end,
 * because a hunk was cut, is hidden as far as it can reach.
 */
export function findPrivateKeys(text: string): Finding[] {
  const starts = [...text.matchAll(BEGIN)];
  if (starts.length === 0) return [];
  const ends = [...text.matchAll(END)].map((match) => match.index + match[0].length);
  let next = 0;
  return starts.map((match, index) => {
    const start = match.index;
    const limit = Math.min(starts[index + 1]?.index ?? text.length, start + LONGEST_KEY);
    while ((ends[next] ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    const end = ends[next];
    if (end !== undefined && end <= limit) return { kind: "private_key", start, end };
    const header = start + match[0].length;
    const reach = KEY_CHARACTERS.exec(text.slice(header, limit));
    return { kind: "private_key", start, end: header + (reach?.[0].length ?? 0) };
  });
}
