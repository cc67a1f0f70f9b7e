import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contextPacker } from "../../src/retrieval/context-packing";
import { type Packable, type PackingRules, pack } from "../../src/retrieval/packing";
import type { Passage } from "../../src/retrieval/passage";
import { estimateTokens } from "../../src/shared/tokens/estimate";

/** A token a letter, 3 for the frame; texts of one letter repeat each other. */
const RULES: Omit<PackingRules, "budgetTokens"> = {
  tokensOf: (text) => text.length + 3,
  cut: (text, tokens) => text.slice(0, tokens - 3),
  repeats: (kept, text) => kept[0] === text[0],
};

const passages = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-f]{3}$/),
    score: fc.constantFrom(0.2, 0.4, 0.4, 0.6, 0.8),
    text: fc
      .tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: 1, max: 200 }))
      .map(([letter, n]) => letter.repeat(n)),
  }),
  { selector: ({ id }) => id, maxLength: 12 },
);

type Pack = (items: readonly Packable[], rules: PackingRules) => Packable[];

/** What the packing promises, for any packer. */
function promises(packer: Pack) {
  return fc.property(
    passages,
    fc.integer({ min: 0, max: 500 }),
    fc.infiniteStream(fc.nat()),
    (given, budgetTokens, noise) => {
      const rules = { ...RULES, budgetTokens };
      const taken = packer(given, rules);
      const size = (items: readonly Packable[]) => items.reduce((sum, { text }) => sum + rules.tokensOf(text), 0);
      expect(size(taken)).toBeLessThanOrEqual(budgetTokens);

      // The same whatever the order.
      const keyed = given.map((item) => ({ item, key: noise.next().value ?? 0 }));
      const shuffled = keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
      expect(packer(shuffled, rules)).toEqual(taken);

      // Only the first may be cut, and only to what there is.
      const byId = new Map(given.map((item) => [item.id, item]));
      for (const [index, { id, text }] of taken.entries()) {
        const whole = byId.get(id)?.text ?? "";
        expect(index === 0 ? whole.startsWith(text) : whole === text).toBe(true);
        if (text !== whole) expect(rules.tokensOf(whole)).toBeGreaterThan(budgetTokens);
      }

      const nearer = (left: Packable, right: Packable) =>
        left.score > right.score || (left.score === right.score && left.id < right.id);
      expect(taken.every((item, index) => index === 0 || nearer(taken[index - 1] ?? item, item))).toBe(true);
      for (const item of taken) {
        expect(taken.some((other) => nearer(other, item) && rules.repeats(other.text, item.text))).toBe(false);
      }
      // Left out for a reason.
      for (const item of given.filter(({ id }) => taken.every((other) => other.id !== id))) {
        const before = taken.filter((other) => nearer(other, item));
        const repeated = before.some((other) => rules.repeats(other.text, item.text));
        expect(repeated || rules.tokensOf(item.text) > budgetTokens - size(before)).toBe(true);
        const worse = taken.filter(
          (other) => nearer(item, other) && rules.tokensOf(other.text) >= rules.tokensOf(item.text),
        );
        expect(repeated || worse.length === 0 || before.length === 0).toBe(true);
      }
    },
  );
}

describe("pack", () => {
  it("keeps its promises", () => {
    fc.assert(promises(pack), { numRuns: 500 });
  });

  const broken: [string, Pack][] = [
    ["spends a token too many", (items, rules) => pack(items, { ...rules, budgetTokens: rules.budgetTokens + 1 })],
    ["takes repetitions", (items, rules) => pack(items, { ...rules, repeats: () => false })],
    [
      "drops all that is long",
      (items, rules) =>
        pack(
          items.filter(({ text }) => text.length < 50),
          rules,
        ),
    ],
    ["takes the first that come", (items, rules) => pack(items.slice(0, 3), rules)],
    [
      "takes the far ones first",
      (items, rules) =>
        pack(
          items.map((item) => ({ ...item, score: -item.score })),
          rules,
        ),
    ],
    [
      "cuts what is not the first",
      (items, rules) => pack(items, rules).map((item) => ({ ...item, text: item.text.slice(0, 40) })),
    ],
  ];
  it.each(broken)("would fail its checks if it %s", (_name, packer) => {
    expect(fc.check(promises(packer), { numRuns: 500 }).failed).toBe(true);
  });

  it("cuts the nearest passage rather than drop it, but not to a scrap", () => {
    const near = { id: "a", score: 0.9, text: "a".repeat(900) };
    const far = { id: "b", score: 0.3, text: "b".repeat(50) };
    expect(pack([far, near], { ...RULES, budgetTokens: 200 })).toEqual([{ ...near, text: "a".repeat(197) }]);
    expect(pack([far, near], { ...RULES, budgetTokens: 90 })).toEqual([far]);
  });
});

const METADATA = { user: "u", repo: [], date: "2026-11-20", domain: "commit", language: "ko", title: "t" } as const;

function passage(id: string, score: number, text: string): Passage {
  return { id, score, text, metadata: METADATA };
}

const LOCKS = `## 오늘 한 일
Redis SET NX EX로 만료되는 락을 구현했다. 소유자 값을 Lua 스크립트로 비교한 뒤에 푼다.
## 배운 점
TTL 안에 락을 연장하지 못하면 다른 프로세스가 락을 가져가므로 TTL의 3분의 1마다 갱신한다.
## 다음에 할 일
락을 잃었을 때 작업을 멈추는 테스트를 쓴다.`;
const RENDERING = `## 오늘 한 일
React 목록 컴포넌트에 useMemo를 적용해 계산 결과를 기억하게 했다.
## 배운 점
부모가 렌더링되면 자식도 렌더링되므로 key와 props를 안정적으로 유지해야 한다.
## 다음에 할 일
프로파일러로 느린 화면을 더 찾아본다.`;

describe("contextPacker", () => {
  it("leaves out a note's earlier version, but not another note of the same form", () => {
    const edited = LOCKS.replace("3분의 1마다 갱신한다", "절반이 지나면 갱신한다");
    const packed = contextPacker(2_000)([
      passage("1", 0.9, LOCKS),
      passage("2", 0.8, edited),
      passage("3", 0.7, RENDERING),
    ]);
    expect(packed.map(({ id }) => id)).toEqual(["1", "3"]);
  });

  it("stays within its budget of estimated tokens", () => {
    const long = Array.from({ length: 200 }, (_, index) => `${index}번째 줄에는 서로 다른 내용을 적는다.`).join("\n");
    const [only, ...rest] = contextPacker(500)([passage("1", 0.9, long)]);
    expect(rest).toEqual([]);
    expect(estimateTokens(only?.text ?? "")).toBeLessThanOrEqual(500);
    expect(estimateTokens(only?.text ?? "")).toBeGreaterThan(350);
    expect(contextPacker(0)([passage("1", 0.9, "short")])).toEqual([]);
  });
});
