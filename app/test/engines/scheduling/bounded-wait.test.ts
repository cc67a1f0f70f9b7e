import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Order, prefillOrder } from "../../../src/engines/scheduling/order";
import { promptPrefix } from "../../../src/engines/scheduling/prompt-prefix";
import { BATCH_PATIENCE_MS } from "../../../src/engines/scheduling/waiting-queue";
import { type Ask, endpoints, type ModelRun, runModel } from "./model";

const AGING = 200;

/** Prompts of four families; those of one begin alike, so what a job costs changes while it waits. */
const FAMILIES = ["a", "b", "c", "d"].map((letter) => letter.repeat(8_192));

const asks: fc.Arbitrary<Ask[]> = fc.array(
  fc
    .record({
      atMs: fc.nat(60_000),
      class: fc.constantFrom("interactive", "interactive", "batch"),
      promptTokens: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 6_000 })),
      prefillMs: fc.nat(1_000),
      decodeMs: fc.nat(4_000),
      family: fc.nat(4),
    })
    .map(({ family, ...ask }) => ({
      ...ask,
      prefix: promptPrefix((FAMILIES[family] ?? "").slice(0, ask.promptTokens * 4), ask.promptTokens),
    })),
  { maxLength: 60 },
);

/** Milliseconds after a job's arrival from which no newer job may get a place before it. docs/scheduling.md, lemma. */
function overtakenForMs(ask: Ask): number {
  return (ask.promptTokens / AGING) * 1_000 + (ask.class === "batch" ? BATCH_PATIENCE_MS : 0);
}

/** Pairs of which the second overtook the first although it came too late for that. */
function unfair({ grants, batchLevels }: ModelRun, batchLimit: number): [Ask, Ask][] {
  const batchWasFull = (atMs: number) => {
    const before = batchLevels.findLast((change) => change.atMs < atMs)?.level ?? 0;
    const during = batchLevels.filter((change) => change.atMs === atMs).map(({ level }) => level);
    return [before, ...during].some((level) => level >= batchLimit);
  };
  return grants.flatMap((later, index) =>
    grants.slice(0, index).flatMap((earlier): [Ask, Ask][] => {
      const waited = later.ask.atMs <= earlier.atMs;
      const tooLate = earlier.ask.atMs > later.ask.atMs + overtakenForMs(later.ask);
      // A batch job above batch's share blocks no other job.
      const heldBack = later.ask.class === "batch" && earlier.ask.class === "interactive" && batchWasFull(earlier.atMs);
      return waited && tooLate && !heldBack ? [[later.ask, earlier.ask]] : [];
    }),
  );
}

/** A long prompt, and so many short ones that the only place is never empty. */
const CROWD: Ask[] = [
  { atMs: 0, class: "interactive", promptTokens: 10, prefillMs: 100, decodeMs: 900 },
  { atMs: 1, class: "interactive", promptTokens: 4_000, prefillMs: 1_000, decodeMs: 0 },
  ...Array.from({ length: 300 }, (_, index): Ask => {
    return { atMs: 2 + index * 900, class: "interactive", promptTokens: 10, prefillMs: 100, decodeMs: 900 };
  }),
];

function waitOf(run: ModelRun, promptTokens: number): number {
  const grant = run.grants.find(({ ask }) => ask.promptTokens === promptTokens);
  return grant === undefined ? Number.POSITIVE_INFINITY : grant.atMs - grant.ask.atMs;
}

describe("a job's longest wait", () => {
  /** Random traces, with and without the window; fails where a job was overtaken too late. */
  const fairness = (order?: Order) =>
    fc.asyncProperty(asks, fc.boolean(), async (trace, windowed) => {
      const run = await runModel(trace, endpoints(1, 1), { order, ...(windowed && { prefillWindowTokens: 512 }) });
      expect(unfair(run, 1)).toEqual([]);
    });

  it("never lets a job overtake one that is older than the ageing of its prompt", async () => {
    await fc.assert(fairness(), { numRuns: 150 });
  });

  it("is violated by planted orders that age too slowly or sort by cost alone", async () => {
    for (const order of [prefillOrder(AGING / 4), prefillOrder(0)]) {
      const { failed } = await fc.check(fairness(order), { numRuns: 300, seed: 1, endOnFailure: true });
      expect(failed).toBe(true);
    }
  });

  it("is at most the prompt's ageing time plus the queue's service time", async () => {
    const maxQueue = 12;
    const longestServiceMs = 5_000;
    await fc.assert(
      fc.asyncProperty(asks, async (trace) => {
        const { grants } = await runModel(trace, endpoints(1, 1), { maxQueue, prefillWindowTokens: 512 });
        for (const { ask, atMs } of grants) {
          const rounds = ask.class === "batch" ? 2 * maxQueue : maxQueue;
          expect(atMs - ask.atMs).toBeLessThanOrEqual(overtakenForMs(ask) + rounds * longestServiceMs);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is finite for a long prompt among short ones that never cease", async () => {
    const run = await runModel(CROWD, endpoints(1));
    expect(waitOf(run, 4_000)).toBeLessThanOrEqual((4_000 / AGING) * 1_000 + 5_000);
  });

  it("is infinite with a planted order without ageing", async () => {
    const ageless: Order = { key: ({ uncachedTokens }) => uncachedTokens, classes: true };
    const run = await runModel(CROWD, endpoints(1), { order: ageless });
    expect(waitOf(run, 4_000)).toBeGreaterThan(250_000);
    expect(unfair(run, 1)).not.toEqual([]);
  });
});
