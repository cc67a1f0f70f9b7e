import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { PrefixCacheModel } from "../../../src/engines/scheduling/prefix-cache-model";
import { NO_PREFIX, type PromptPrefix, promptPrefix } from "../../../src/engines/scheduling/prompt-prefix";

const BLOCK = 256;

/** Prompts out of few blocks, so that many begin alike. */
const prompts = fc.array(
  fc
    .array(fc.constantFrom("a", "b"), { maxLength: 6 })
    .map((letters) => letters.map((one) => one.repeat(BLOCK)).join("")),
  { maxLength: 40 },
);

function prefixOf(text: string): PromptPrefix {
  return promptPrefix(text, text.length / 4);
}

describe("promptPrefix", () => {
  it("has as many hashes in common as two prompts have whole blocks", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 1_000 }),
        fc.string({ maxLength: 600 }),
        fc.string({ maxLength: 600 }),
        (same, a, b) => {
          const [left, right] = [prefixOf(same + a), prefixOf(same + b)];
          const common = left.hashes.findIndex((hash, index) => hash !== right.hashes[index]);
          let alike = same.length;
          while (alike < (same + a).length && alike < (same + b).length && (same + a)[alike] === (same + b)[alike])
            alike += 1;
          const expected = Math.floor(alike / BLOCK);
          expect(common === -1 ? Math.min(left.hashes.length, right.hashes.length) : common).toBe(expected);
        },
      ),
    );
  });

  it("gives blocks after different texts or adapters different hashes", () => {
    const text = "x".repeat(BLOCK * 3);
    const all = [prefixOf(text), promptPrefix(text, 100, "jimin"), promptPrefix(text, 100, "minji")];
    const hashes = all.flatMap((prefix) => prefix.hashes);
    expect(new Set(hashes).size).toBe(9);
    expect(hashes.every(Number.isSafeInteger)).toBe(true);
  });

  it("is empty for a prompt shorter than a block", () => {
    expect(promptPrefix("short", 1)).toBe(NO_PREFIX);
  });
});

describe("PrefixCacheModel", () => {
  it("holds what was read, found by halving as by looking block for block, within its capacity", () => {
    fc.assert(
      fc.property(prompts, fc.integer({ min: 1, max: 12 }), (texts, capacityBlocks) => {
        const cache = new PrefixCacheModel((capacityBlocks * BLOCK) / 4);
        for (const text of texts) {
          const prefix = prefixOf(text);
          cache.read(prefix);
          expect(cache.heldBlocks(prefix)).toBe(Math.min(prefix.hashes.length, capacityBlocks));
        }
        for (const text of texts) {
          const { hashes, tokensPerBlock } = prefixOf(text);
          const holds = (hash: number) => cache.heldBlocks({ hashes: [hash], tokensPerBlock }) === 1;
          const missing = hashes.findIndex((hash) => !holds(hash));
          expect(cache.heldBlocks({ hashes, tokensPerBlock })).toBe(missing === -1 ? hashes.length : missing);
          // Nothing is held whose beginning is not.
          expect(missing === -1 || hashes.slice(missing).every((hash) => !holds(hash))).toBe(true);
        }
        const held = new Set(texts.flatMap((text) => prefixOf(text).hashes.slice(0, cache.heldBlocks(prefixOf(text)))));
        expect(held.size).toBeLessThanOrEqual(capacityBlocks);
      }),
    );
  });

  it("evicts what was used longest ago", () => {
    const cache = new PrefixCacheModel((4 * BLOCK) / 4);
    const [old, used, fresh] = ["a", "b", "c"].map((letter) => prefixOf(letter.repeat(BLOCK * 2)));
    if (old === undefined || used === undefined || fresh === undefined) throw new Error("three prompts");
    cache.read(used);
    cache.read(old);
    cache.read(used);
    expect(cache.read(fresh)).toHaveLength(2);
    expect([old, used, fresh].map((prefix) => cache.heldBlocks(prefix))).toEqual([0, 2, 2]);
  });
});
