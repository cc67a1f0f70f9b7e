import fc from "fast-check";

/** Characters from a set, put together when a test runs: a scanner of this repository finds no secret in it. */
function chars(set: string, minLength: number, maxLength = minLength): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...set), { minLength, maxLength }).map((list) => list.join(""));
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const ALNUM = UPPER + UPPER.toLowerCase() + DIGITS;
const URL_SAFE = `${ALNUM}-_`;

/** Digits with the one that makes Luhn's sum a multiple of ten. */
function withLuhnDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits + ((10 - (sum % 10)) % 10);
}

const keyBody = fc.array(chars(`${ALNUM}+/`, 64), { minLength: 3, maxLength: 6 });
const pem = (lines: readonly string[], eol: string) =>
  ["-----BEGIN RSA PRIVATE " + "KEY-----", ...lines, "-----END RSA PRIVATE " + "KEY-----"].join(eol);

/** A planted secret: a line of code that holds it, and the part that must not get out. */
export interface PlantedSecret {
  readonly line: string;
  readonly hidden: readonly string[];
  /** What follows may be hidden too, because the secret has no visible end. */
  readonly endless?: boolean;
}

const whole = (
  arbitrary: fc.Arbitrary<string>,
  around: (secret: string) => string = (secret) => `x = f("${secret}")`,
) => arbitrary.map((secret): PlantedSecret => ({ line: around(secret), hidden: [secret] }));

/** A password that a person would choose: letters, a digit and a mark. */
const password = fc.tuple(chars(ALNUM, 6, 16), chars(DIGITS, 1, 3), chars("!@#%^*", 1)).map((parts) => parts.join(""));

/** Every kind of secret that redaction promises to find. */
export const PLANTED: Readonly<Record<string, fc.Arbitrary<PlantedSecret>>> = {
  "password in quotes": whole(password, (secret) => `const dbPassword = "${secret}";`),
  "password in JSON": whole(password, (secret) => `  "password": "${secret}",`),
  "password of an environment file": whole(password, (secret) => `DB_PASSWORD=${secret}`),
  "password in YAML": whole(password, (secret) => `  password: ${secret}`),
  비밀번호: whole(password, (secret) => `비밀번호 = '${secret}'`),
  "client secret": whole(chars(ALNUM, 24, 40), (secret) => `client_secret: "${secret}"`),
  "API key of an environment file": whole(
    chars(ALNUM, 24, 40).map((key) => `${key}7`),
    (secret) => `SERVICE_API_KEY=${secret}`,
  ),
  "password in a URL": whole(chars(ALNUM, 8, 16), (secret) => `url = "postgresql://app:${secret}@10.0.0.5/db"`),
  "Google API key": whole(chars(URL_SAFE, 35).map((key) => `AIza${key}`)),
  "Google OAuth token": whole(chars(URL_SAFE, 40).map((token) => `ya29.${token}`)),
  "AWS access key": whole(chars(UPPER + DIGITS, 16).map((key) => `AKIA${key}`)),
  "GitHub token": whole(chars(ALNUM, 36).map((token) => `ghp_${token}`)),
  "GitLab token": whole(chars(ALNUM, 20).map((token) => `glpat-${token}`)),
  "Slack token": whole(chars(DIGITS, 12).map((id) => `xoxb-${id}-${id}-${"a1".repeat(12)}`)),
  "Stripe key": whole(chars(ALNUM, 24).map((key) => `sk_${"live"}_${key}`)),
  "AI provider key": whole(chars(ALNUM, 40).map((key) => `sk-proj-${key}`)),
  "Hugging Face token": whole(chars(ALNUM, 34).map((key) => `hf_${key}`)),
  "npm token": whole(chars(ALNUM, 36).map((key) => `npm_${key}`)),
  "bearer token": whole(
    chars(ALNUM, 20, 60).map((token) => `${token}1`),
    (secret) => `curl -H "Authorization: Bearer ${secret}"`,
  ),
  JWT: whole(
    fc.tuple(chars(URL_SAFE, 20), chars(URL_SAFE, 30), chars(URL_SAFE, 43)).map(([a, b, c]) => `eyJ${a}.${b}.${c}`),
  ),
  "private key": keyBody.map((lines) => ({ line: pem(lines, "\n"), hidden: lines })),
  "private key in a diff": keyBody.map((lines) => ({ line: pem(lines, "\n+"), hidden: lines })),
  "private key in JSON": keyBody.map((lines) => ({ line: `{"private_key": "${pem(lines, "\\n")}"}`, hidden: lines })),
  "private key without its end": keyBody.map((lines) => ({
    line: pem(lines, "\n+")
      .replace(/-----END.*/, "")
      .trimEnd(),
    hidden: lines,
    endless: true,
  })),
  "inside of a private key": keyBody.map((lines) => ({ line: lines.join("\n+"), hidden: lines })),
  "resident registration number": whole(
    fc
      .tuple(
        fc.date({ min: new Date("1930-01-01"), max: new Date("2019-12-31"), noInvalidDate: true }),
        chars("12345678", 1),
        chars(DIGITS, 6),
      )
      .map(([date, sex, tail]) => `${date.toISOString().slice(2, 10).replaceAll("-", "")}-${sex}${tail}`),
  ),
  "payment card": whole(
    chars(DIGITS, 14).map((digits) => withLuhnDigit(`4${digits}`)),
    (secret) => `card ${secret}`,
  ),
  "payment card in groups": whole(
    chars(DIGITS, 13).map((digits) => withLuhnDigit(`52${digits}`).replace(/(.{4})(?=.)/g, "$1-")),
    (secret) => `card: ${secret}`,
  ),
};
