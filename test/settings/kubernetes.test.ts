import { describe, expect, it } from "@jest/globals";
import { billOf } from "../../planning/bill";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import { formatProblem, SettingsError, type SettingsProblem } from "../../settings/schema/problems";
import type { Settings } from "../../settings/schema/settings";

const { kubernetes, ...withoutCluster } = production;
if (kubernetes === null || kubernetes === undefined) throw new Error("production has no cluster");
const cluster = kubernetes;

type Cluster = typeof cluster;
/** Some of the cluster's settings replaced; keys that the schema does not know may be among them. */
type Edits = { readonly [Key in keyof Cluster]?: unknown } & Readonly<Record<string, unknown>>;

function problemsOf(input: unknown): readonly SettingsProblem[] {
  try {
    parseSettings(input);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const withCluster = (edits: Edits, others: Readonly<Record<string, unknown>> = {}): unknown => ({
  ...production,
  budget: { monthlyUsd: 1_000_000 },
  ...others,
  kubernetes: { ...cluster, ...edits },
});

/** What a user gets wrong → edits, and the one line that must come back. */
const MISTAKES: Readonly<Record<string, { edits: Edits; path: string; rule: RegExp; fix: RegExp }>> = {
  "an accelerator that the pools do not have": {
    edits: { gpuPool: { ...cluster.gpuPool, accelerator: "nvidia-tesla-t4" } },
    path: "kubernetes.gpuPool.accelerator",
    rule: /is no setting/,
    fix: /remove it/,
  },
  "replicas of the vector store under the key that they had before": {
    edits: { qdrantReplicas: "3" },
    path: "kubernetes.qdrantReplicas",
    rule: /is called vectorStoreReplicas now/,
    fix: /rename it to vectorStoreReplicas/,
  },
  "the place of the vectors under the key that it had before": {
    edits: { vectors: "cluster" },
    path: "kubernetes.vectors",
    rule: /is called vectorStore now/,
    fix: /rename it to vectorStore/,
  },
  "a zone without L4s": {
    edits: { zones: ["asia-northeast3-c"] },
    path: "kubernetes.zones",
    rule: /no zones known to have L4/,
    fix: /asia-northeast3-a, asia-northeast3-b/,
  },
  "one zone with L4s": {
    edits: { zones: ["asia-northeast3-a", "asia-northeast3-c"] },
    path: "kubernetes.zones",
    rule: /have L4 GPUs in asia-northeast3-a only/,
    fix: /asia-northeast3-b/,
  },
  "a zone of another region": {
    edits: { zones: ["asia-northeast3-a", "us-central1-a"] },
    path: "kubernetes.zones[1]",
    rule: /not in the region asia-northeast3/,
    fix: /zone of the region/,
  },
  "a quota below the chain": {
    edits: { quota: { l4: 15 } },
    path: "kubernetes.quota.l4",
    rule: /below 16: the cluster may have 12 L4s and VMs hold 4; 11 are left/,
    fix: /ask Google for 16/,
  },
  "pools below the pods": {
    edits: { gpuPool: { minNodes: 2, maxNodes: 8 } },
    path: "kubernetes.gpuPool.maxNodes",
    rule: /below 12: engines may ask for 12 L4s \(3 models × 4 pods × 1\), and the pools hold 8/,
    fix: /raise it to 12, or lower engines.maxReplicas/,
  },
  "a warm spare without a node": {
    edits: { warmSpare: true },
    path: "kubernetes.gpuPool.maxNodes",
    rule: /engines may ask for 13 L4s \(3 models × 4 pods × 1 \+ 1 warm spare\)/,
    fix: /raise it to 13/,
  },
  "pods that surge without nodes": {
    edits: { engines: { ...cluster.engines, surgePods: 1 } },
    path: "kubernetes.gpuPool.maxNodes",
    rule: /engines may ask for 15 L4s \(3 models × \(4 \+ 1\) pods × 1\)/,
    fix: /raise it to 15/,
  },
  "an L4 limit below the pools": {
    edits: { autoProvisioning: { ...cluster.autoProvisioning, maxL4: 11 } },
    path: "kubernetes.autoProvisioning.maxL4",
    rule: /the pools alone may have 12 L4s/,
    fix: /raise it to 12/,
  },
  "a CPU limit below the pools": {
    edits: { autoProvisioning: { ...cluster.autoProvisioning, maxCpu: 100 } },
    path: "kubernetes.autoProvisioning.maxCpu",
    rule: /the pools alone may have 112 vCPUs/,
    fix: /raise it to 112/,
  },
  "Spot only": {
    edits: { gpuPool: { minNodes: 0, maxNodes: 8, spotMaxNodes: 4 }, quota: { l4: 20, preemptibleL4: 4 } },
    path: "kubernetes.gpuPool.minNodes",
    rule: /all Spot nodes may go at once/,
    fix: /raise it to 1/,
  },
  "Spot nodes without a quota of theirs": {
    edits: { gpuPool: { minNodes: 2, maxNodes: 8, spotMaxNodes: 4 } },
    path: "kubernetes.quota.preemptibleL4",
    rule: /below 4: .*Spot has a quota of its own/,
    fix: /ask Google for 4/,
  },
  "one engine where 99.5 % is promised": {
    edits: { engines: { minReplicas: 1, maxReplicas: 4 } },
    path: "kubernetes.engines.minReplicas",
    rule: /below 2: 99.5 % is promised/,
    fix: /raise it to 2/,
  },
  "both GPU exporters": {
    edits: { dcgm: ["managed", "chart"] },
    path: "kubernetes.dcgm",
    rule: /must be a source of GPU metrics: managed, chart/,
    fix: /write /,
  },
  "two owners of a metrics API": {
    edits: { metricsAdapter: "prometheus,google" },
    path: "kubernetes.metricsAdapter",
    rule: /must be a metrics adapter: prometheus, google/,
    fix: /write prometheus/,
  },
  "traffic that does not sum to 100": {
    edits: { traffic: { vm: 95, gke: 25, attached: true } },
    path: "kubernetes.traffic.gke",
    rule: /together they are 120/,
    fix: /write vm: 75, gke: 25/,
  },
  "traffic that is no step": {
    edits: { traffic: { vm: 90, gke: 10, attached: true } },
    path: "kubernetes.traffic.gke",
    rule: /no step of the move, which are 0, 5, 25/,
    fix: /write vm: 95, gke: 5/,
  },
  "traffic to a cluster that is not attached": {
    edits: { traffic: { vm: 95, gke: 5, attached: false } },
    path: "kubernetes.traffic.attached",
    rule: /must be true while the cluster gets 5 %/,
    fix: /first apply/,
  },
  "attaching and moving in one apply": {
    edits: { traffic: { vm: 95, gke: 5, attached: true } },
    path: "kubernetes.traffic.gke",
    rule: /takes two applies: its backends must be healthy first/,
    fix: /vm: 100, gke: 0, attached: true and apply/,
  },
  "a jump over steps": {
    edits: { traffic: { vm: 50, gke: 50, attached: true, previous: { vm: 95, gke: 5, attached: true } } },
    path: "kubernetes.traffic.gke",
    rule: /jumps from 5 % to 50 % over 25/,
    fix: /vm: 75, gke: 25 first/,
  },
  "detaching under traffic": {
    edits: { traffic: { vm: 100, gke: 0, attached: false, previous: { vm: 95, gke: 5, attached: true } } },
    path: "kubernetes.traffic.attached",
    rule: /takes the cluster away while it gets 5 %/,
    fix: /detach with the next one/,
  },
  "a previous state that never was": {
    edits: { traffic: { vm: 100, gke: 0, attached: true, previous: { vm: 60, gke: 60, attached: true } } },
    path: "kubernetes.traffic.previous.gke",
    rule: /together they are 120/,
    fix: /write vm: /,
  },
  "the load balancer's own host": {
    edits: { host: "llm.example.com" },
    path: "kubernetes.host",
    rule: /is a name of the service.*ManagedCertificate would never become active/,
    fix: /gke.llm.example.com/,
  },
  "a host outside the zone": {
    edits: { host: "gke.example.org" },
    path: "kubernetes.host",
    rule: /not lie in the zone example.com/,
    fix: /gke.llm.example.com/,
  },
  "pods over the machines' range": {
    edits: { network: { ...cluster.network, podsCidr: "10.20.0.0/16" } },
    path: "kubernetes.network.podsCidr",
    rule: /overlaps network.servingCidr = 10.20.0.0\/20/,
    fix: /move one/,
  },
  "a control plane that is no /28": {
    edits: { network: { ...cluster.network, controlPlaneCidr: "10.37.0.0/27" } },
    path: "kubernetes.network.controlPlaneCidr",
    rule: /must be a \/28/,
    fix: /10.37.0.0\/28/,
  },
  "a public range": {
    edits: { network: { ...cluster.network, nodesCidr: "34.64.0.0/22" } },
    path: "kubernetes.network.nodesCidr",
    rule: /RFC 1918/,
    fix: /10.0.0.0\/8/,
  },
  "too few addresses for pods": {
    edits: { network: { ...cluster.network, podsCidr: "10.32.0.0/20" } },
    path: "kubernetes.network.podsCidr",
    rule: /pods of 16 nodes, which take a \/24 each, and 20 nodes/,
    fix: /\/19 or more/,
  },
  "too few addresses for nodes": {
    edits: { network: { ...cluster.network, nodesCidr: "10.22.0.0/28" } },
    path: "kubernetes.network.nodesCidr",
    rule: /holds 12 nodes, and 20 may/,
    fix: /widen it/,
  },
  "too few addresses for Services": {
    edits: { network: { ...cluster.network, servicesCidr: "10.36.0.0/28" } },
    path: "kubernetes.network.servicesCidr",
    rule: /smaller than \/27/,
    fix: /widen it/,
  },
  "a least above its most": {
    edits: { gateway: { minReplicas: 12, maxReplicas: 10 } },
    path: "kubernetes.gateway.minReplicas",
    rule: /is more than maxReplicas, 10/,
    fix: /lower it to 10/,
  },
  "colours that do not sum to 100": {
    edits: { colours: { blue: 50, green: 25 } },
    path: "kubernetes.colours",
    rule: /must sum to 100: together they are 75/,
    fix: /blue: 75, green: 25/,
  },
};

describe("parseSettings, kubernetes", () => {
  it.each(Object.entries(MISTAKES))("reports %s in one line", (_, { edits, path, rule, fix }) => {
    const problems = problemsOf(withCluster(edits));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    for (const problem of problems) {
      expect(problem.rule).toMatch(rule);
      expect(problem.fix).toMatch(fix);
      expect(formatProblem(problem)).not.toContain("\n");
    }
  });

  it("refuses a cluster without a domain for the Ingress' host", () => {
    const problems = problemsOf(withCluster({}, { domain: null }));
    expect(problems.map(({ path, rule }) => `${path} ${rule}`)).toContain(
      "kubernetes.host needs a public DNS zone, and there is no domain",
    );
  });

  it("refuses a budget below the cost at the largest scale", () => {
    const [problem] = problemsOf({ ...production, budget: { monthlyUsd: 5000 } });
    expect(problem?.rule).toMatch(/less than the 15\d{3} US dollars/);
  });
});

describe("billOf, gke-cluster and gke-platform", () => {
  const billed = (edits: Edits) => billOf(parseSettings(withCluster(edits)))["gke-cluster"];

  it("costs from its engines' least to what auto-provisioning may make of it", () => {
    expect(billed({})).toEqual({
      region: "asia-northeast3",
      gkeClusters: 1,
      // 3 models × 2 pods at the least; maxL4 at the most.
      gpuVms: [{ machineType: "g2-standard-8", provisioning: "standard", count: { min: 6, max: 12 }, bootDiskGb: 200 }],
      // (128 - 12 × 8) / 4 vCPUs are left for the others.
      vms: [{ machineType: "e2-standard-4", count: { min: 2, max: 8 }, diskGb: 100 }],
    });
  });

  it("counts a warm spare, and nodes that the limits allow beyond the pools", () => {
    const spare = { warmSpare: true, gpuPool: { minNodes: 2, maxNodes: 13 }, quota: { l4: 20 } };
    const limits = { maxCpu: 160, maxMemoryGb: 640, maxL4: 14 };
    expect(billed({ ...spare, autoProvisioning: limits }).gpuVms?.[0]?.count).toEqual({ min: 7, max: 14 });
  });

  it("costs nothing without a cluster", () => {
    const bill = billOf(parseSettings(withoutCluster));
    expect(bill["gke-cluster"]).toEqual({ region: "asia-northeast3" });
    expect(bill["gke-platform"]).toEqual({ region: "asia-northeast3" });
    expect(bill.edge.forwardingRules).toBe(4);
  });

  it("includes the Ingress' forwarding rules, and the disks that the platform claims", () => {
    const bill = billOf(parseSettings(production));
    expect(bill.edge.forwardingRules).toBe(6);
    expect(bill["gke-platform"].diskGib).toBe(2 * 50 + 50 + 2);
  });
});

describe("parseSettings, a valid kubernetes", () => {
  const parsed = (input: unknown): Settings => parseSettings(input);

  it("defaults to no cluster", () => {
    expect(parsed(withoutCluster).kubernetes).toBeNull();
  });

  it("allows each step of the move, and back", () => {
    const shares = [0, 5, 25, 50, 75, 100];
    const state = (gke: number) => ({ vm: 100 - gke, gke, attached: true });
    shares.forEach((gke, index) => {
      const before = index === 0 ? { vm: 100, gke: 0, attached: false } : state(shares[index - 1] ?? 0);
      expect(problemsOf(withCluster({ traffic: { ...state(gke), previous: before } }))).toEqual([]);
      expect(problemsOf(withCluster({ traffic: { ...state(0), previous: state(gke) } }))).toEqual([]);
    });
  });

  it("allows Spot over an on-demand floor", () => {
    const spot = { gpuPool: { minNodes: 2, maxNodes: 8, spotMaxNodes: 4 }, quota: { l4: 20, preemptibleL4: 4 } };
    expect(problemsOf(withCluster(spot))).toEqual([]);
  });
});
