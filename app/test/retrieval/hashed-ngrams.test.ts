import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { HASHED_NGRAMS } from "../../src/retrieval/hashed-embedder";
import { hashedNgrams } from "../../src/shared/hashed-ngrams";
import { dot } from "../../src/shared/vector";

function similarity(left: string, right: string): number {
  return dot(hashedNgrams(left), hashedNgrams(right));
}

describe("hashedNgrams", () => {
  it("gives unit vectors of 768 components for every text, the same each time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const vector = hashedNgrams(text);
        expect(vector).toHaveLength(768);
        expect(dot(vector, vector)).toBeCloseTo(1, 4);
        expect(hashedNgrams(text)).toEqual(vector);
      }),
    );
    expect(hashedNgrams("")).toEqual(hashedNgrams("  \n"));
  });

  it("ignores case, width and spaces", () => {
    expect(similarity("Redis  Lock\n", "redis lock")).toBeCloseTo(1, 5);
    expect(similarity("ＲＥＤＩＳ", "redis")).toBeCloseTo(1, 5);
  });

  it("gives near vectors for texts that share words, in Korean and in English", () => {
    const pairs = [
      ["Redis 락을 만료 시간과 함께 잡았다.", "만료 시간이 있는 Redis 락을 잡았다.", "국물이 진하고 맛있어요."],
      ["The cache expires after an hour.", "After an hour the cache expires.", "Keyboard users must see the focus."],
    ];
    for (const [text = "", near = "", far = ""] of pairs) {
      expect(similarity(text, near)).toBeGreaterThan(0.6);
      expect(Math.abs(similarity(text, far))).toBeLessThan(0.3);
    }
  });

  it("gives the vectors of earlier releases: stored vectors depend on it", async () => {
    const [vector] = await HASHED_NGRAMS.embed(["Terrace 테라스"], "passage");
    const filled = [...(vector ?? [])].flatMap((value, index) => (value === 0 ? [] : [`${index}:${Math.sign(value)}`]));
    expect(filled.join(" ")).toMatchInlineSnapshot(
      `"7:-1 14:-1 38:1 49:1 138:-1 163:-1 203:-1 209:1 230:1 254:-1 260:-1 266:-1 277:-1 286:-1 313:1 339:1 340:-1 401:1 465:1 480:-1 485:-1 500:1 525:-1 548:1 549:-1 575:-1 581:-1 592:1 652:-1 658:1 664:-1 665:1 669:1"`,
    );
  });

  it("uses all components and both signs about evenly", () => {
    const sums = new Float64Array(768);
    let positive = 0;
    let filled = 0;
    for (let text = 0; text < 2_000; text += 1) {
      for (const [place, value] of hashedNgrams(`text ${text} ${Math.sin(text)} 글 ${text * 7}`).entries()) {
        if (value === 0) continue;
        filled += 1;
        if (value > 0) positive += 1;
        sums[place] = (sums[place] ?? 0) + 1;
      }
    }
    expect(Math.min(...sums)).toBeGreaterThan(0);
    expect(positive / filled).toBeGreaterThan(0.45);
    expect(positive / filled).toBeLessThan(0.55);
  });
});
