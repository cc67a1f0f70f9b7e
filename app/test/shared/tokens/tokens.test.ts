import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import fc from "fast-check";
import { ESTIMATE_ERROR_SHARE, estimateTokens, exceedsTokens, fitTokens } from "../../../src/shared/tokens/estimate";
import { ExactTokenCounter } from "../../../src/shared/tokens/exact-counter";

/** Texts of other authors than those that the estimate was fitted to. */
const SAMPLES = join(__dirname, "samples");
const texts = readdirSync(SAMPLES).map((file) => [file, readFileSync(join(SAMPLES, file), "utf8")] as const);

/** The rule without a tokenizer. */
const byLength = (text: string) => Math.ceil(text.length / 3.5);

describe("counts of tokens", () => {
  let folder: string;
  let exact: ExactTokenCounter;
  const lost: Error[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "terrace-tokenizer-"));
    const workerFile = join(folder, "tokenizer-worker.js");
    await build({
      entryPoints: [join(__dirname, "../../../src/shared/tokens/tokenizer-worker.ts")],
      outfile: workerFile,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "cjs",
      logLevel: "error",
    });
    exact = new ExactTokenCounter({ workerFile, onLost: (reason) => lost.push(reason) });
    // Until the tokenizer is there, what is given at once is an estimate.
    expect(exact.count("안녕하세요")).toBe(estimateTokens("안녕하세요"));
    expect(exact.errorShare).toBe(ESTIMATE_ERROR_SHARE);
    await exact.settled;
  });

  afterAll(async () => {
    await exact.close();
    await rm(folder, { recursive: true });
  });

  it("are Gemma 3's own once its tokenizer is loaded", async () => {
    expect(exact.errorShare).toBe(0);
    // Token ids of the tokenizer itself: ▁-less 안녕하세요, ▁세계, ▁hello.
    expect(await exact.count("안녕하세요 세계 hello")).toBe(3);
    expect(await exact.count("12345")).toBe(5);
    expect(await Promise.all(["a", "", "a b c"].map((text) => exact.count(text)))).toEqual([1, 0, 3]);
  });

  it.each(texts)("are estimated within the bound for %s", async (_file, text) => {
    const counted = await exact.count(text);
    expect(Math.abs(estimateTokens(text) / counted - 1)).toBeLessThan(ESTIMATE_ERROR_SHARE);
  });

  it("are estimated within the bound for mixed texts of a prompt's size", async () => {
    for (let first = 0; first < texts.length; first += 1) {
      const mixed = [0, 3, 6].map((step) => texts[(first + step) % texts.length]?.[1].slice(0, 600)).join("\n\n");
      expect(Math.abs(estimateTokens(mixed) / (await exact.count(mixed)) - 1)).toBeLessThan(ESTIMATE_ERROR_SHARE);
    }
  });

  it("are not estimated by length alone, which misses the bound", async () => {
    const misses = await Promise.all(
      texts.map(async ([, text]) => Math.abs(byLength(text) / (await exact.count(text)) - 1) > ESTIMATE_ERROR_SHARE),
    );
    expect(misses.filter(Boolean).length).toBeGreaterThan(texts.length / 2);
  });

  it("are estimated after the tokenizer is lost, which is reported once", async () => {
    const workerFile = join(folder, "broken.js");
    await writeFile(workerFile, "throw new Error('no memory');");
    const reasons: string[] = [];
    const broken = new ExactTokenCounter({ workerFile, onLost: (reason) => reasons.push(reason.message) });
    await broken.settled;
    expect(reasons).toEqual(["no memory"]);
    expect(broken.count("abc")).toBe(1);
    expect(lost).toEqual([]);
  });
});

describe("fitting a text into tokens", () => {
  it("is impossible exactly where the text is estimated at more", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "9", "-", "가", "A", "日"), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: -2, max: 40 }), (whole, tokens) => {
        expect(exceedsTokens(whole, tokens)).toBe(estimateTokens(whole) > tokens);
      }),
    );
  });

  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("한", "글", "\n", "  ", "A", "b", "9", "%"),
      fc.string({ unit: "grapheme", maxLength: 1 }),
    ),
    maxLength: 300,
  });

  it.each(["\n", " ", "+-", "\n "])("takes a token for 32 characters at least, of nothing but %j too", (unit) => {
    const text = unit.repeat(1_000_000);
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(text.length / 32);
    expect(exceedsTokens(text, 10_000)).toBe(true);
    expect(fitTokens(text, 100).text.length).toBeLessThanOrEqual(3_200);
  });

  it("never exceeds the limit, keeps the start, splits no character, and wastes little", () => {
    fc.assert(
      fc.property(text, fc.nat(100), (whole, tokens) => {
        const fitted = fitTokens(whole, tokens);
        expect(whole.startsWith(fitted.text)).toBe(true);
        expect(estimateTokens(fitted.text)).toBeLessThanOrEqual(tokens);
        expect(fitted.cut).toBe(fitted.text !== whole);
        // Encoding replaces half a pair.
        expect(Buffer.from(fitted.text).toString()).toBe(fitted.text);
        if (fitted.cut && !whole.includes("\n")) {
          expect(estimateTokens(whole.slice(0, fitted.text.length + 2))).toBeGreaterThan(tokens - 1);
        }
      }),
    );
  });

  it("is never shorter for a longer text", () => {
    fc.assert(
      fc.property(text, fc.string(), (start, end) => {
        expect(estimateTokens(start + end)).toBeGreaterThanOrEqual(estimateTokens(start));
      }),
    );
  });

  it("takes less than 50 ms of processor time for a megabyte of Korean", () => {
    const korean = "장바구니 합계를 캐시에 저장한다. ".repeat(50_000);
    estimateTokens(korean);
    const before = process.cpuUsage();
    estimateTokens(korean);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(50);
  });
});
