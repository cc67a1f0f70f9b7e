/**
 * The simulator's own tokens: it has no model and therefore no vocabulary. A token is up to six bytes of UTF-8: a word's
 * first five Latin letters with the space before them, two Hangul syllables, or one other character. In count that is
 * close to what Gemma's tokenizer makes of English, and above it for Korean.
 */
const PIECE = / ?[A-Za-z0-9_]{1,5}| [가-힣]|[가-힣]{1,2}|[\s\S]/gu;

/** Tokens of the model itself. Ids: Gemma 3's tokenizer. */
const SPECIAL = new Map([
  ["<bos>", 2],
  ["<start_of_turn>", 105],
  ["<end_of_turn>", 106],
]);
const SPECIAL_BY_ID = new Map([...SPECIAL].map(([token, id]) => [id, token]));
/** Ids of ordinary tokens begin where Gemma 3's vocabulary ends. Source: vocab_size in its config.json. */
const FIRST_ID = 262_208;

/** A text in the pieces in which it is streamed. Joined they are the text again. */
export function toTokens(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/** Tokens of a text. */
export function countTokens(text: string): number {
  return toTokens(text).length;
}

export interface Turn {
  readonly role: string;
  readonly content: string;
}

/** A conversation as Gemma's chat template gives it to the model, up to where the answer begins. */
export function conversationTokens(turns: readonly Turn[]): string[] {
  const tokens = ["<bos>"];
  for (const { role, content } of turns) {
    tokens.push("<start_of_turn>", ...toTokens(`${role === "assistant" ? "model" : role}\n`));
    for (const token of toTokens(content)) tokens.push(token);
    tokens.push("<end_of_turn>", "\n");
  }
  tokens.push("<start_of_turn>", "model", "\n");
  return tokens;
}

/**
 * The number of a token: its bytes read as a number, after all the numbers of shorter tokens. So no two tokens share one,
 * none is above 2^53, and no table is needed to read it back.
 */
export function tokenId(token: string): number {
  const special = SPECIAL.get(token);
  if (special !== undefined) return special;
  let value = 0;
  let shorter = 0;
  let power = 1;
  for (const byte of Buffer.from(token, "utf8")) {
    value = value * 256 + byte;
    shorter += power;
    power *= 256;
  }
  return FIRST_ID + shorter - 1 + value;
}

/** The text of tokens; an id that no token has reads as U+FFFD. */
export function fromTokens(ids: readonly number[]): string {
  return Buffer.concat(ids.map(bytesOf)).toString("utf8");
}

function bytesOf(id: number): Buffer {
  const special = SPECIAL_BY_ID.get(id);
  if (special !== undefined) return Buffer.from(special);
  let rest = id - FIRST_ID;
  if (rest < 0) return Buffer.from("\u{FFFD}");
  let length = 1;
  for (let count = 256; rest >= count; count *= 256) {
    rest -= count;
    length += 1;
  }
  const bytes = Buffer.alloc(length);
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}
