import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Order } from "../../../src/engines/scheduling/order";
import { type Ask, endpoints, runModel } from "./model";

const asks: fc.Arbitrary<Ask[]> = fc.array(
  fc.record({
    atMs: fc.nat(5_000),
    class: fc.constantFrom("interactive", "batch"),
    promptTokens: fc.integer({ min: 1, max: 6_000 }),
    prefillMs: fc.nat(500),
    decodeMs: fc.nat(2_000),
    abortAfterMs: fc.option(fc.nat(3_000), { nil: undefined }),
  }),
  { maxLength: 60 },
);
const slots = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
const settings = fc.record({
  policy: fc.constantFrom("prefill", "fifo"),
  prefillWindowTokens: fc.constantFrom(1, 512, Number.POSITIVE_INFINITY),
});

describe("Dispatcher, over random jobs and clients that leave", () => {
  it("never has more requests in flight than places, and gets every place back", async () => {
    await fc.assert(
      fc.asyncProperty(asks, slots, settings, async (trace, places, options) => {
        const { grants, refused, left } = await runModel(trace, endpoints(...places), options);
        for (const { endpointId, inFlightThere } of grants) {
          expect(inFlightThere).toBeLessThanOrEqual(places[Number(endpointId.slice(1))] ?? 0);
        }
        expect(left).toBe(0);
        expect(grants.length + refused.length).toBe(trace.length);
        for (const { ask, reason } of refused) {
          expect(reason).toBe("left");
          expect(ask.abortAfterMs).toBeDefined();
        }
      }),
      { numRuns: 150 },
    );
  });

  it("gives batch at most its share of all places, or one", async () => {
    await fc.assert(
      fc.asyncProperty(asks, slots, async (trace, places) => {
        const { grants } = await runModel(trace, endpoints(...places));
        const limit = Math.max(1, Math.floor(0.7 * places.reduce((sum, count) => sum + count, 0)));
        for (const { batchInFlight } of grants) expect(batchInFlight).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 100 },
    );
  });

  it("gives batch more than its share under a planted order without classes", async () => {
    const flood = Array.from({ length: 20 }, (_, index): Ask => {
      return { atMs: index, class: "batch", promptTokens: 10, prefillMs: 1, decodeMs: 1_000 };
    });
    const classless: Order = { key: ({ uncachedTokens }) => uncachedTokens, classes: false };
    const levels = async (order?: Order) =>
      Math.max(...(await runModel(flood, endpoints(10), { order })).grants.map(({ batchInFlight }) => batchInFlight));
    expect(await levels()).toBe(7);
    expect(await levels(classless)).toBe(10);
  });

  it("serves in order of arrival under fifo, whatever the class and length", async () => {
    await fc.assert(
      fc.asyncProperty(asks, slots, async (trace, places) => {
        const ordered = trace.toSorted((a, b) => a.atMs - b.atMs);
        const { grants } = await runModel(ordered, endpoints(...places), { policy: "fifo" });
        const indices = grants.map(({ ask }) => ordered.indexOf(ask));
        expect(indices).toEqual(indices.toSorted((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });
});
