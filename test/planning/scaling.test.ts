import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { MACHINE_TYPES } from "../../planning/gpus";
import {
  GPU_NODE_MACHINE,
  GPU_POOL_SURGE_NODES,
  type ScalingChain,
  type ScalingField,
  type ScalingInput,
  scalingChain,
} from "../../planning/scaling";

/** A cluster whose every link fits the next one exactly. */
const TIGHT: ScalingInput = {
  models: 3,
  engineReplicas: { min: 2, max: 4 },
  gatewayReplicas: { min: 3, max: 10 },
  colours: { blue: 100, green: 0 },
  surgePods: 0,
  warmSpare: false,
  gpuPool: { minNodes: 2, maxNodes: 12, spotMaxNodes: 0 },
  cpuPool: { minNodes: 2, maxNodes: 4, vcpus: 4, memoryGib: 16 },
  limits: { cpu: 112, memoryGb: 448, l4: 12 },
  quota: { l4: 16, preemptibleL4: 0 },
  heldByVms: { l4: 4, preemptibleL4: 0 },
  available: true,
};

const count = (max: number) => fc.integer({ min: 0, max });
const replicas = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const input: fc.Arbitrary<ScalingInput> = fc.record({
  models: fc.integer({ min: 1, max: 5 }),
  engineReplicas: replicas,
  gatewayReplicas: replicas,
  colours: count(100).map((green) => ({ blue: 100 - green, green })),
  surgePods: count(1),
  warmSpare: fc.boolean(),
  gpuPool: fc
    .record({ minNodes: count(20), maxNodes: fc.integer({ min: 1, max: 120 }), spotMaxNodes: count(20) })
    .map((pool) => ({ ...pool, minNodes: Math.min(pool.minNodes, pool.maxNodes) })),
  cpuPool: fc.record({
    minNodes: count(5),
    maxNodes: fc.integer({ min: 5, max: 20 }),
    vcpus: fc.constantFrom(2, 4, 8),
    memoryGib: fc.constantFrom(8, 16, 64),
  }),
  limits: fc.record({ cpu: count(3000), memoryGb: count(12000), l4: count(200) }),
  quota: fc.record({ l4: count(300), preemptibleL4: count(40) }),
  heldByVms: fc.record({ l4: count(8), preemptibleL4: count(4) }),
  available: fc.boolean(),
});

/** Raises every value to what its problem says, until no link is too short. */
function repaired(broken: ScalingInput): ScalingInput {
  let current = broken;
  for (let round = 0; round < 10; round += 1) {
    const { problems } = scalingChain(current);
    if (problems.length === 0) return current;
    for (const { field, needed } of problems) current = raised(current, field, needed);
  }
  return current;
}

function raised(i: ScalingInput, field: ScalingField, n: number): ScalingInput {
  switch (field) {
    case "gpuPool.minNodes":
      return { ...i, gpuPool: { ...i.gpuPool, minNodes: n } };
    case "gpuPool.maxNodes":
      return { ...i, gpuPool: { ...i.gpuPool, maxNodes: n } };
    case "cpuPool.minNodes":
      return { ...i, cpuPool: { ...i.cpuPool, minNodes: n, maxNodes: Math.max(n, i.cpuPool.maxNodes) } };
    case "autoProvisioning.maxL4":
      return { ...i, limits: { ...i.limits, l4: n } };
    case "autoProvisioning.maxCpu":
      return { ...i, limits: { ...i.limits, cpu: n } };
    case "autoProvisioning.maxMemoryGb":
      return { ...i, limits: { ...i.limits, memoryGb: n } };
    case "quota.l4":
      return { ...i, quota: { ...i.quota, l4: n } };
    case "quota.preemptibleL4":
      return { ...i, quota: { ...i.quota, preemptibleL4: n } };
    case "engines.minReplicas":
      return { ...i, engineReplicas: { min: n, max: Math.max(n, i.engineReplicas.max) } };
    case "gateway.minReplicas":
      return { ...i, gatewayReplicas: { min: n, max: Math.max(n, i.gatewayReplicas.max) } };
  }
}

/**
 * Engine pods that stay pending at full load: nodes come one at a time, Spot first, while pool, limits and quota allow
 * it. Independent of the chain's own arithmetic.
 */
function pendingPods({ gpuPool, limits, quota, heldByVms, ...i }: ScalingInput): number {
  const { vcpus, memoryGib } = MACHINE_TYPES[GPU_NODE_MACHINE];
  const perColour = [i.colours.blue, i.colours.green].map((share) => Math.ceil((i.engineReplicas.max * share) / 100));
  // While a release rolls, every Deployment that has pods may have one more.
  const rolling = perColour.map((pods) => (pods === 0 ? 0 : pods + i.surgePods));
  let pending = i.models * rolling.reduce((sum, pods) => sum + pods, 0) + (i.warmSpare ? 1 : 0);
  let cpu = i.cpuPool.maxNodes * i.cpuPool.vcpus;
  let memory = i.cpuPool.maxNodes * i.cpuPool.memoryGib;
  const left = {
    spot: Math.min(gpuPool.spotMaxNodes, quota.preemptibleL4 - heldByVms.preemptibleL4),
    onDemand: Math.min(gpuPool.maxNodes, quota.l4 - heldByVms.l4),
    l4: limits.l4,
  };
  while (pending > 0 && left.l4 > 0 && (left.spot > 0 || left.onDemand > 0)) {
    cpu += vcpus;
    memory += memoryGib;
    if (cpu > limits.cpu || memory > limits.memoryGb) break;
    if (left.spot > 0) left.spot -= 1;
    else left.onDemand -= 1;
    left.l4 -= 1;
    pending -= 1;
  }
  return pending;
}

/** Inputs that a chain lets pass although pods would wait for ever. */
function letsPendingPass(chain: (input: ScalingInput) => ScalingChain): boolean {
  const property = fc.property(input, (candidate) => {
    const fixed = repaired(candidate);
    const shortened = [
      { ...fixed, quota: { ...fixed.quota, l4: candidate.quota.l4 } },
      { ...fixed, quota: { ...fixed.quota, preemptibleL4: candidate.quota.preemptibleL4 } },
    ];
    for (const tried of [candidate, fixed, ...shortened]) {
      if (chain(tried).problems.length === 0 && pendingPods(tried) > 0) return false;
    }
    return true;
  });
  return fc.check(property, { numRuns: 400, seed: 20261121 }).failed;
}

describe("scalingChain", () => {
  it("holds where every link fits exactly, with its figures", () => {
    const { figures, problems } = scalingChain(TIGHT);
    expect(problems).toEqual([]);
    expect(figures).toEqual({
      podsPerModel: 4,
      demand: { min: 6, max: 12 },
      pools: { onDemand: 12, spot: 0, total: 12 },
      free: { l4: 12, preemptibleL4: 0 },
      poolCpu: 112,
      poolMemoryGb: 448,
      gpuNodes: { min: 6, max: 12 },
      cpuNodes: { min: 2, max: 4 },
    });
  });

  const shorter: readonly (readonly [string, ScalingInput, ScalingField, number])[] = [
    ["a pool below the pods", { ...TIGHT, gpuPool: { ...TIGHT.gpuPool, maxNodes: 11 } }, "gpuPool.maxNodes", 12],
    ["a warm spare without a node", { ...TIGHT, warmSpare: true }, "gpuPool.maxNodes", 13],
    ["pods that surge without nodes", { ...TIGHT, surgePods: 1 }, "gpuPool.maxNodes", 15],
    ["two colours that round up", { ...TIGHT, colours: { blue: 90, green: 10 } }, "gpuPool.maxNodes", 15],
    ["an L4 limit below the pools", { ...TIGHT, limits: { ...TIGHT.limits, l4: 11 } }, "autoProvisioning.maxL4", 12],
    [
      "a CPU limit below the pools",
      { ...TIGHT, limits: { ...TIGHT.limits, cpu: 111 } },
      "autoProvisioning.maxCpu",
      112,
    ],
    [
      "a memory limit below the pools",
      { ...TIGHT, limits: { ...TIGHT.limits, memoryGb: 447 } },
      "autoProvisioning.maxMemoryGb",
      448,
    ],
    ["a quota below the chain", { ...TIGHT, quota: { l4: 15, preemptibleL4: 0 } }, "quota.l4", 16],
    ["a quota that VMs hold too", { ...TIGHT, heldByVms: { l4: 5, preemptibleL4: 0 } }, "quota.l4", 17],
    ["a surge without spare quota", { ...TIGHT, surgeNodes: 1 }, "quota.l4", 17],
    ["one engine where 99.5 % is promised", { ...TIGHT, engineReplicas: { min: 1, max: 4 } }, "engines.minReplicas", 2],
    [
      "one gateway where 99.5 % is promised",
      { ...TIGHT, gatewayReplicas: { min: 1, max: 10 } },
      "gateway.minReplicas",
      2,
    ],
    [
      "one CPU node where 99.5 % is promised",
      { ...TIGHT, cpuPool: { ...TIGHT.cpuPool, minNodes: 1 } },
      "cpuPool.minNodes",
      2,
    ],
  ];
  it.each(shorter)("reports %s", (_, broken, field, needed) => {
    expect(scalingChain(broken).problems.map((problem) => [problem.field, problem.needed])).toEqual([[field, needed]]);
  });

  it("reports Spot alone, and an on-demand pool that cannot replace Spot", () => {
    const spot: ScalingInput = {
      ...TIGHT,
      gpuPool: { minNodes: 0, maxNodes: 5, spotMaxNodes: 7 },
      quota: { l4: 20, preemptibleL4: 7 },
    };
    expect(scalingChain(spot).problems.map(({ field, needed }) => [field, needed])).toEqual([
      ["gpuPool.minNodes", 1],
      ["gpuPool.maxNodes", 6],
    ]);
    const tooManySpot = {
      ...spot,
      gpuPool: { minNodes: 1, maxNodes: 6, spotMaxNodes: 8 },
      limits: { cpu: 200, memoryGb: 800, l4: 14 },
    };
    expect(scalingChain(tooManySpot).problems.map(({ field }) => field)).toEqual(["quota.preemptibleL4"]);
  });

  it("requires no second replica where no availability is promised", () => {
    const small = {
      ...TIGHT,
      available: false,
      engineReplicas: { min: 1, max: 4 },
      gatewayReplicas: { min: 1, max: 1 },
    };
    expect(scalingChain(small).problems).toEqual([]);
  });

  it("leaves no pod waiting for a node where it holds", () => {
    expect(letsPendingPass(scalingChain)).toBe(false);
  });

  it("holds once its problems' values are written", () => {
    fc.assert(
      fc.property(input, (broken) => {
        expect(scalingChain(repaired(broken)).problems).toEqual([]);
      }),
    );
  });

  it("bounds the nodes that can exist", () => {
    fc.assert(
      fc.property(input.map(repaired), (fixed) => {
        const { figures } = scalingChain(fixed);
        expect(figures.gpuNodes.max).toBeGreaterThanOrEqual(figures.demand.max);
        expect(figures.gpuNodes.min).toBeLessThanOrEqual(figures.gpuNodes.max);
        expect(figures.cpuNodes.min).toBeLessThanOrEqual(figures.cpuNodes.max);
        expect(figures.gpuNodes.max).toBeLessThanOrEqual(fixed.quota.l4 - fixed.heldByVms.l4);
      }),
    );
  });

  it("has no surge on GPU pools", () => {
    expect(GPU_POOL_SURGE_NODES).toBe(0);
  });
});

describe("the test catches a chain that", () => {
  const without =
    (forgotten: ScalingField) =>
    (candidate: ScalingInput): ScalingChain => {
      const chain = scalingChain(candidate);
      return { ...chain, problems: chain.problems.filter(({ field }) => field !== forgotten) };
    };

  it.each<ScalingField>([
    "gpuPool.maxNodes",
    "autoProvisioning.maxL4",
    "autoProvisioning.maxCpu",
    "autoProvisioning.maxMemoryGb",
    "quota.l4",
    "quota.preemptibleL4",
  ])("forgets %s", (field) => {
    expect(letsPendingPass(without(field))).toBe(true);
  });
});
