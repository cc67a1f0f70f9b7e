import { type LoggerOptions, stdSerializers } from "pino";
import { replaceFindings } from "./finding";
import { findPersonalData } from "./personal-data";
import { findPrivateKeys } from "./private-keys";
import { findSecrets } from "./secret-patterns";

/** What a log shows in a secret field's place. Source: R-60. */
const MASK = "***masked***";

/** Fields whose value is never logged, by their names without case, `_` and `-`. */
const MASKED_FIELDS = new Set([
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "secret",
  "clientsecret",
  "apikey",
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "authorization",
  "cookie",
  "setcookie",
  "email",
  "phone",
  "phonenumber",
  "mobile",
  "rrn",
  "residentregistrationnumber",
  "주민등록번호",
  "전화번호",
  "이메일",
  "비밀번호",
  "card",
  "cardnumber",
  "카드번호",
  // Prompts and answers are private to their writers.
  "messages",
  "prompt",
  "completion",
]);

/** Levels of nesting that are logged; what lies deeper, a cycle above all, is left out. */
const DEEPEST = 8;
/** Characters of one text that are logged: nothing longer is read, and masking stays cheap. */
const LONGEST_TEXT = 10_000;

function isMasked(name: string): boolean {
  return MASKED_FIELDS.has(name.toLowerCase().replace(/[_-]/g, ""));
}

/** A text with secrets, addresses and personal numbers in it replaced. */
export function maskText(text: string): string {
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return replaceFindings(shown, [...findPrivateKeys(shown), ...findSecrets(shown), ...findPersonalData(shown)]);
}

/** Values of a query that say nothing about anybody. */
const HARMLESS_VALUE = /^(true|false|\d{1,4})$/;
/** Characters of a path that are logged, and of a query. */
const LONGEST_PATH = 500;
/** Characters of a host that are logged: as many as a name in DNS has (RFC 1035 §2.3.4). */
const LONGEST_HOST = 255;

/** A request's URL as it may be logged: percent-encoding undone and masked, and the values of its query left out. */
export function maskUrl(url: string): string {
  const [path = "", ...query] = url.split("?");
  const masked = maskText(decoded(shortened(path)));
  if (query.length === 0) return masked;
  const fields = [...new URLSearchParams(query.join("?").slice(0, LONGEST_PATH))].map(
    ([name, value]) => `${maskText(name)}=${HARMLESS_VALUE.test(value) ? value : MASK}`,
  );
  return `${masked}?${shortened(fields.join("&"))}`;
}

function shortened(part: string): string {
  return part.length > LONGEST_PATH ? `${part.slice(0, LONGEST_PATH)}…` : part;
}

/** As it is, where it is no percent-encoded text. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What Fastify logs of a request. */
interface LoggedRequest {
  readonly method?: string;
  readonly url?: string;
  readonly host?: string;
  readonly ip?: string;
  readonly socket?: { readonly remotePort?: number | undefined };
}

function maskRequest({ method, url = "", host = "", ip, socket }: LoggedRequest) {
  return {
    method,
    url: maskUrl(url),
    host: maskText(host.slice(0, LONGEST_HOST)),
    remoteAddress: ip,
    remotePort: socket?.remotePort,
  };
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A copy of a value fit for a log: fields of secrets and personal data masked at any depth, such data inside texts
 * replaced. The value itself is not touched; objects of classes are left to pino's serializers.
 */
export function maskValue(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return "…";
  if (Array.isArray(value)) return value.map((item) => maskValue(item, depth + 1));
  return isPlain(value) ? maskRecord(value, depth) : value;
}

function maskRecord(record: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, item]) => [name, isMasked(name) ? MASK : maskValue(item, depth + 1)]),
  );
}

/** pino options that hide secrets and personal data in every line: its fields, its errors, its request and its sentence. */
export const LOG_MASKING = {
  formatters: { log: (fields) => maskRecord(fields, 0) },
  serializers: { err: (error: Error) => maskValue({ ...stdSerializers.err(error) }), req: maskRequest },
  hooks: {
    logMethod([first, sentence, ...rest], method) {
      const masked = sentence === undefined ? undefined : maskText(sentence);
      method.apply(this, [
        typeof first === "string" ? maskText(first) : first,
        masked,
        ...rest.map((item) => maskValue(item)),
      ]);
    },
  },
} as const satisfies LoggerOptions;
