import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { countTokens, toTokens } from "../src/tokenizer";

describe("tokens", () => {
  it("are the text, cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(toTokens(text).join("")).toBe(text);
      }),
    );
  });

  it("are about as many as Gemma's: a little more than a word each in English, one to two syllables in Korean", () => {
    const english = "The gateway keeps a queue of requests and sends each of them to the engine with the most room.";
    expect(countTokens(english)).toBeGreaterThanOrEqual(19);
    expect(countTokens(english)).toBeLessThan(30);
    const korean = "게이트웨이는 요청을 줄 세우고 가장 여유가 많은 엔진으로 보낸다.";
    expect(korean.length / countTokens(korean)).toBeGreaterThan(1.2);
    expect(korean.length / countTokens(korean)).toBeLessThan(2.2);
  });
});
