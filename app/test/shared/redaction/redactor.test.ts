import { performance } from "node:perf_hooks";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { redact } from "../../../src/shared/redaction/redactor";
import { loadSecretRules } from "../../support/native-esm";
import { PLANTED } from "../../support/secrets";

beforeAll(loadSecretRules);

async function redacted(text: string): Promise<string> {
  const { texts } = await redact([text]);
  return texts[0] ?? "";
}

/** Lines of code that look a little like secrets and are none. */
const HARMLESS = [
  "const total = await redis.get(id);",
  "password: string;",
  "function setPassword(password: string, token: Token): void {}",
  "const password = process.env.DB_PASSWORD;",
  "DB_PASSWORD=$DB_PASSWORD",
  "token = hash.digest(value)",
  "const tokens = estimateTokens(text);",
  "import { tokenizer } from './tokenizer';",
  "Basic understanding of queues",
  "createdAt: 1711111111111",
  "sha: 4f2a9c0d1e8b7a6f5c4d3e2f1a0b9c8d7e6f5a4b",
  "version: 2026-11-20",
  "장바구니 합계를 Redis에 캐시했다.",
];

describe("Redactor", () => {
  it.each(Object.entries(PLANTED))("hides a %s anywhere in a text", async (_kind, arbitrary) => {
    const around = fc
      .array(fc.constantFrom(...HARMLESS), { maxLength: 3 })
      .map((lines) => lines.map((line) => `+${line}\n`).join(""));
    await fc.assert(
      fc.asyncProperty(around, arbitrary, around, async (before, { line, hidden, endless = false }, after) => {
        const text = await redacted(`${before}+${line}\n${after}`);
        for (const secret of hidden) expect(text).not.toContain(secret);
        expect(text).toContain("[REDACTED:");
        expect(text.startsWith(before)).toBe(true);
        expect(endless || text.endsWith(after)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("leaves code and prose unchanged", async () => {
    for (const line of HARMLESS) expect(await redacted(line)).toBe(line);
  });

  it("returns the number of each kind, never its content", async () => {
    const { counts } = await redact([`a ghp_${"a1B2".repeat(9)}`, 'password = "hunter2"', "none"]);
    expect(counts).toEqual({ github_token: 1, password: 1 });
  });

  it("returns as many texts as it got, each with its own findings", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("", "plain", 'password = "hunter2"', "-----BEGIN PRIVATE KEY-----")),
        async (texts) => {
          const { texts: after } = await redact(texts);
          expect(after).toHaveLength(texts.length);
          texts.forEach((text, index) => {
            if (text === "" || text === "plain") expect(after[index]).toBe(text);
            else expect(after[index]).toContain("[REDACTED:");
          });
        },
      ),
    );
  });

  it.each([
    ["a key in a URL", "://-----BEGIN PRIVATE KEY-----@", "://[REDACTED:private_key]@"],
    ["a card before a key", "4111111111111111-----BEGIN PRIVATE KEY-----", "[REDACTED:card][REDACTED:private_key]"],
    ["a mark that is a name", '[REDACTED:password] = "abc"', '[REDACTED:password] = "abc"'],
    ["a mark that is a user", "https://[REDACTED:card]:8080/x@y", "https://[REDACTED:card]:8080/x@y"],
    ["a secret beside a mark", "://u:[REDACTED:card]s3cret@", "://u:[REDACTED:url_password]@"],
  ])("is over with the first call for %s", async (_name, text, expected) => {
    expect(await redacted(text)).toBe(expected);
    expect(await redacted(expected)).toBe(expected);
  });

  /** The beginning, the end and the inside of everything that is searched for. */
  const fragments = fc.constantFrom(
    ...[
      "password=",
      "password: ",
      "비밀번호=",
      "token: ",
      "api_key=",
      '"secret": "',
      "credentials='",
      "Bearer ",
      "Basic ",
    ],
    ...["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "MIIEvQ"],
    ...[
      "-----BEGIN PGP PRIVATE KEY BLOCK-----",
      "https://",
      "://",
      "user:",
      "@",
      ":",
      "/",
      '"',
      "'",
      "`",
      "=",
      "-",
      "_",
      ".",
    ],
    ...[
      "\n",
      "\r\n",
      "+",
      " ",
      ",",
      ";",
      "[",
      "]",
      "(",
      "<",
      "$",
      "${",
      "}",
      "[REDACTED:",
      "[REDACTED:card]",
      "\u0000",
    ],
    ...["4111111111111111", "4111 1111 ", "1111", "900101-1234567", "900101", "1234567", "a1B2c3D4", "x", "0"],
    ...["eyJ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", `AIza${"a1B2c".repeat(7)}`, `ghp_${"a1B2".repeat(9)}`],
    ...["AKIA", "AKIAIOSFODNN7EXAMPLE", "xoxb-1234567890-abc", `sk-${"a1B2".repeat(6)}`, `sk_live_${"a1B2".repeat(5)}`],
    ...["QUJD".repeat(16), "hunter2", "mongodb://", "hooks.slack.com/services/", "npm_", "glpat-"],
  );

  it("accepts any text, and finds nothing in a redacted one", async () => {
    const text = fc.array(fc.oneof({ weight: 5, arbitrary: fragments }, fc.string({ unit: "binary" })), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        const once = await redacted(parts.join(""));
        expect(await redacted(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it("hides every kind under a name that a second call takes for a mark", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(PLANTED)).chain((one) => one),
        async ({ line }) => {
          const { counts } = await redact([line]);
          for (const kind of Object.keys(counts)) expect(kind).toMatch(/^[a-z_]{1,40}$/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("leaves nothing behind that later calls would have to search", async () => {
    await redacted("warm");
    const before = performance.getEntries().length;
    for (let call = 0; call < 100; call += 1) await redacted("const total = 3;");
    expect(performance.getEntries().length - before).toBe(0);
  });

  it.each([
    ["ordinary code", "+  const total = await redis.get(id); return Number(total) * 3;\n"],
    ["names of secrets", "password=token=secret:"],
    ["beginnings of keys", "-----BEGIN PRIVATE KEY-----\n"],
    ["base64", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n"],
    ["digits", "4111 1111 "],
    ["marks of an address", "a.b-c+d@"],
    ["URLs", "https://user:"],
    ["tokens", "eyJabcdefgh."],
  ])("searches a mebibyte of %s in less than a second of CPU", async (_name, unit) => {
    await redacted("warm");
    const text = unit.repeat(Math.ceil(2 ** 20 / unit.length));
    // CPU time: a busy machine must not look like a slow pattern. 40 to 200 ms; a pattern that is not linear takes minutes.
    const before = process.cpuUsage();
    await redacted(text);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });
});
