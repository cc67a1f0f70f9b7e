import type { Finding } from "./finding";

interface SecretPattern {
  readonly kind: string;
  /** Global. The group `secret` is what is hidden, or the whole match where there is none. */
  readonly pattern: RegExp;
  /** The pattern is tried only on texts that contain one of these: most texts hold no secret. Lower case. */
  readonly hints: readonly string[];
  readonly accepts?: (secret: string, match: RegExpExecArray) => boolean;
}

const PASSWORD_NAME = "(?:password|passwd|passphrase|pwd|비밀번호)\\w{0,20}";
const SECRET_NAME =
  "(?:secret|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?|token)(?:[_-]\\w{1,20})?";

/** `name = "value"`, `name: 'value'`, `"name": "value"`, `name => "value"`; the value ends with its line. */
function quoted(name: string): RegExp {
  return new RegExp(
    `${name}["'\`]?\\]?\\s{0,8}(?::=|=>|[:=])\\s{0,8}(?:[a-z]{1,2})?(?:"(?<secret>[^"\\r\\n]{1,500})"|'(?<single>[^'\\r\\n]{1,500})'|\`(?<back>[^\`\\r\\n]{1,500})\`)`,
    "gid",
  );
}

/** `NAME=value` of an environment file or a command line, `name: value` of YAML; not a call. */
function bare(name: string): RegExp {
  // The look-ahead with its back-reference takes the value whole, so that nothing is tried twice.
  return new RegExp(
    `${name}(?<sign>\\s{0,8}[:=]\\s{0,8})(?=(?<secret>[^\\s"'\`,;(){}<>\\[\\]]{4,200}))\\k<secret>(?![\\w(<\\[])`,
    "gid",
  );
}

/** Whether a value only refers to the secret, e.g. `${DB_PASSWORD}` or `process.env.X`. */
function isReference(value: string): boolean {
  return (
    /^\$\{?[\w.:-]+\}?$/.test(value) ||
    /^\$\{\{.*\}\}$/.test(value) ||
    /^%[\w.]+%$/.test(value) ||
    /^<[^>]*>$/.test(value) ||
    /^(?:\*+|x{3,}|\.{3,}|…)$/i.test(value) ||
    /^(?:process\.env|os\.environ|env|config|settings|secrets|vars?|this|self|req|request|options|props|input|params|body|data|local|module)\b[.[]/.test(
      value,
    ) ||
    /^\[REDACTED/.test(value)
  );
}

/** Code has `password: string` and `token = token`; a value without digit or mark is a name, save in an environment file. */
function isBareSecret(value: string, match: RegExpExecArray): boolean {
  if (isReference(value)) return false;
  const environmentStyle = match.groups?.sign === "=" && /^[A-Z][A-Z0-9_.-]*=/.test(match[0]);
  return environmentStyle || (/\d/.test(value) && !/^\d{1,5}$/.test(value)) || /[!@#$%^&*+/~]/.test(value);
}

const notReference = (value: string) => !isReference(value);

/** Two lines or more of nothing but base64: the inside of a key whose first line is outside the hunk. */
const KEY_LINES =
  /^[ +-]?[A-Za-z0-9+/]{60,76}(?:\r?\n[ +-]?[A-Za-z0-9+/]{60,76})+(?:\r?\n[ +-]?[A-Za-z0-9+/=]{2,76}$)?/gm;

/**
 * What secretlint's rules do not cover, and the commonest of what they do, so that nothing depends on one of the two
 * alone. Forms of the tokens: each provider's own documentation of its prefixes. Every pattern is linear: no repeat
 * inside a repeat over the same characters.
 */
const SECRETS: readonly SecretPattern[] = [
  { kind: "key_material", hints: [""], pattern: KEY_LINES },
  {
    kind: "jwt",
    hints: ["eyj"],
    pattern: /(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{4,8000}\.[\w-]{0,2000}/g,
  },
  { kind: "google_api_key", hints: ["aiza"], pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g },
  {
    kind: "google_oauth",
    hints: ["ya29.", "gocspx-", "1//0"],
    pattern: /(?<![\w-])(?:ya29\.[\w-]{20,2000}|GOCSPX-[\w-]{20,64}|1\/\/0[\w-]{20,200})/g,
  },
  {
    kind: "aws_access_key",
    hints: ["akia", "asia", "aroa", "aida"],
    pattern: /(?<![A-Z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])/g,
  },
  {
    kind: "github_token",
    hints: ["gh", "github_pat_"],
    pattern: /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})/g,
  },
  { kind: "gitlab_token", hints: ["glpat-", "gldt-", "glrt-"], pattern: /(?<!\w)gl(?:pat|dt|rt)-[\w-]{20,64}/g },
  {
    kind: "slack_token",
    hints: ["xox", "hooks.slack.com"],
    pattern: /(?<!\w)xox[abeoprs]-[\w-]{10,250}|hooks\.slack\.com\/services\/[\w/]{20,100}/g,
  },
  {
    kind: "stripe_key",
    hints: ["sk_live_", "rk_live_", "sk_test_", "whsec_"],
    pattern: /(?<!\w)(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9]{20,100})/g,
  },
  {
    kind: "ai_key",
    hints: ["sk-", "hf_"],
    pattern: /(?<![\w-])(?:sk-(?:[a-z]{2,10}-)?[\w-]{20,250}|hf_[A-Za-z0-9]{30,64})/g,
  },
  { kind: "npm_token", hints: ["npm_"], pattern: /(?<!\w)npm_[A-Za-z0-9]{36}/g },
  { kind: "pypi_token", hints: ["pypi-"], pattern: /(?<!\w)pypi-[\w-]{50,500}/g },
  {
    kind: "authorization",
    hints: ["bearer", "basic", "digest"],
    pattern: /(?<![\w-])(?:Bearer|Basic)\s{1,4}(?<secret>[A-Za-z0-9+/._~-]{12,4000}={0,2})/dgi,
    // "basic understanding" is no credential: one has a digit or mixes its case.
    accepts: (value) => /\d/.test(value) || (/[a-z]/.test(value.slice(1)) && /[A-Z]/.test(value.slice(1))),
  },
  {
    kind: "url_password",
    hints: ["://"],
    pattern: /:\/\/[^\s:@/"'`]{0,200}:(?<secret>[^\s@/"'`]{1,300})@/dg,
    accepts: notReference,
  },
  { kind: "password", hints: ["pass", "pwd", "비밀번호"], pattern: quoted(PASSWORD_NAME), accepts: notReference },
  { kind: "password", hints: ["pass", "pwd", "비밀번호"], pattern: bare(PASSWORD_NAME), accepts: isBareSecret },
  {
    kind: "secret",
    hints: ["key", "secret", "token", "credential"],
    pattern: quoted(SECRET_NAME),
    accepts: (value) => notReference(value) && /^\S{8,}$/.test(value) && (/\d/.test(value) || value.length >= 12),
  },
  {
    kind: "secret",
    hints: ["key", "secret", "token", "credential"],
    pattern: bare(SECRET_NAME),
    accepts: (value, match) => value.length >= 12 && isBareSecret(value, match),
  },
];

/** Place of the secret in a match. */
function secretRange(match: RegExpExecArray): { readonly start: number; readonly end: number } {
  const groups = match.indices?.groups;
  const [start, end] = groups?.secret ?? groups?.single ?? groups?.back ?? [match.index, match.index + match[0].length];
  return { start, end };
}

/** Secrets that our own patterns find in a text. */
export function findSecrets(text: string): Finding[] {
  const lower = text.toLowerCase();
  return SECRETS.filter(({ hints }) => hints.some((hint) => lower.includes(hint))).flatMap(
    ({ kind, pattern, accepts }) =>
      [...text.matchAll(pattern)].flatMap((match) => {
        const { start, end } = secretRange(match);
        return accepts?.(text.slice(start, end), match) === false ? [] : [{ kind, start, end }];
      }),
  );
}
