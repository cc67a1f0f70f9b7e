import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type GraceChain, type GraceInput, graceChain, PREEMPTION_NOTICE_SECONDS } from "../../planning/grace";

const seconds = fc.integer({ min: 0, max: 400 });
const input: fc.Arbitrary<GraceInput> = fc
  .record({
    loadBalancerDrainingSeconds: seconds,
    preStopSeconds: fc.integer({ min: 0, max: 40 }),
    gatewayDrainSeconds: fc.integer({ min: 0, max: 40 }),
    engineShutdownSeconds: fc.integer({ min: 0, max: 40 }),
    healthCheck: fc.record({
      intervalSeconds: fc.integer({ min: 1, max: 10 }),
      unhealthyThreshold: fc.integer({ min: 1, max: 4 }),
    }),
    notice: fc.constantFrom(undefined, 15, 30, 60),
  })
  .map(({ notice, ...rest }) => (notice === undefined ? rest : { ...rest, preemptionNoticeSeconds: notice }));

/** The rules written again, as one inequality each. */
function addsUp(i: GraceInput): boolean {
  const chain = i.preStopSeconds + i.gatewayDrainSeconds + i.engineShutdownSeconds;
  if (i.loadBalancerDrainingSeconds < chain) return false;
  return i.preemptionNoticeSeconds === undefined
    ? i.preStopSeconds >= i.healthCheck.intervalSeconds * i.healthCheck.unhealthyThreshold
    : chain <= i.preemptionNoticeSeconds;
}

function okExactlyWhenItAddsUp(chain: (i: GraceInput) => GraceChain) {
  return fc.property(input, (i) => {
    expect(chain(i).ok).toBe(addsUp(i));
  });
}

const RIGHT: GraceInput = {
  loadBalancerDrainingSeconds: 300,
  preStopSeconds: 15,
  gatewayDrainSeconds: 240,
  engineShutdownSeconds: 30,
  healthCheck: { intervalSeconds: 5, unhealthyThreshold: 3 },
};

describe("graceChain", () => {
  it("is ok exactly when every inequality holds", () => {
    fc.assert(okExactlyWhenItAddsUp(graceChain), { numRuns: 1000 });
  });

  it.each<[string, (i: GraceInput) => GraceChain]>([
    ["forgets the engine", (i) => graceChain({ ...i, engineShutdownSeconds: 0 })],
    [
      "takes Spot for standard capacity",
      ({ preemptionNoticeSeconds: _, ...i }) => graceChain({ ...i, loadBalancerDrainingSeconds: 1000 }),
    ],
    [
      "takes one failed check for all",
      (i) => graceChain({ ...i, healthCheck: { ...i.healthCheck, unhealthyThreshold: 1 } }),
    ],
  ])("is caught when it %s", (_, planted) => {
    expect(fc.check(okExactlyWhenItAddsUp(planted), { seed: 1, numRuns: 1000 }).failed).toBe(true);
  });

  it("gives stop times that add up to the chain", () => {
    expect(graceChain(RIGHT)).toEqual({
      ok: true,
      stopTimeoutSeconds: 285,
      gatewayStopSeconds: 255,
      engineStopSeconds: 30,
      noticedAfterSeconds: 15,
    });
  });

  it("suggests values that would do", () => {
    fc.assert(
      fc.property(input, (i) => {
        const first = graceChain(i);
        if (first.ok) return;
        const needed = (field: string) => first.problems.find((problem) => problem.field === field)?.needed;
        const preStopSeconds = needed("preStopSeconds") ?? i.preStopSeconds;
        // A longer preStop lengthens the chain that the balancer must outlast.
        const longer = preStopSeconds - i.preStopSeconds;
        const loadBalancerDrainingSeconds =
          (needed("loadBalancerDrainingSeconds") ?? i.loadBalancerDrainingSeconds) + longer;
        const second = graceChain({ ...i, preStopSeconds, loadBalancerDrainingSeconds });
        expect(second.ok ? [] : second.problems.map(({ field }) => field)).toEqual(
          needed("chain") === undefined ? [] : ["chain"],
        );
      }),
    );
  });

  it("reports both problems at once", () => {
    const chain = graceChain({ ...RIGHT, preStopSeconds: 5, loadBalancerDrainingSeconds: 60 });
    expect(chain.ok ? [] : chain.problems.map(({ field, needed }) => [field, needed])).toEqual([
      ["loadBalancerDrainingSeconds", 275],
      ["preStopSeconds", 15],
    ]);
  });

  it("requires the whole chain to fit Spot's notice, on VMs and in pods", () => {
    const spot = { ...RIGHT, preStopSeconds: 5, gatewayDrainSeconds: 20, engineShutdownSeconds: 4 };
    expect(graceChain({ ...spot, preemptionNoticeSeconds: PREEMPTION_NOTICE_SECONDS.vm }).ok).toBe(true);
    expect(graceChain({ ...spot, preemptionNoticeSeconds: PREEMPTION_NOTICE_SECONDS.gkePod })).toMatchObject({
      ok: false,
      problems: [{ field: "chain", value: 29, needed: 15 }],
    });
  });
});
