import { describe, expect, it } from "@jest/globals";
import demo from "../../settings/environments/demo";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import { SettingsError, type SettingsProblem } from "../../settings/schema/problems";

/** Dotted path of plain data → the value to put there. */
type Edits = Readonly<Record<string, unknown>>;

/** Production settings with some values replaced; `undefined` removes. */
function edited(edits: Edits, base: unknown = production): unknown {
  const copy: unknown = structuredClone(base);
  for (const [path, value] of Object.entries(edits)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let target = copy;
    for (const key of keys) target = isObject(target) ? target[key] : undefined;
    if (!isObject(target)) throw new Error(`no object at ${path}`);
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function problemsOf(input: unknown): readonly SettingsProblem[] {
  try {
    parseSettings(input);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const digest = `sha256:${"a".repeat(64)}`;

/** What a user gets wrong → edits, and the one problem that must come back. */
const MISTAKES: Readonly<Record<string, { edits: Edits; path: string; rule: RegExp; fix: RegExp }>> = {
  "an unknown key": { edits: { appPorts: 9000 }, path: "appPorts", rule: /is no setting/, fix: /respell it: appPort/ },
  "an unknown nested key": {
    edits: { "machine.bootDiskGB": 100 },
    path: "machine.bootDiskGB",
    rule: /is no setting/,
    fix: /respell it: bootDiskGb/,
  },
  "a key deep in a union": {
    edits: { "groups.0.instances.vms.0.spot": true },
    path: "groups[0].instances.vms[0].spot",
    rule: /is no setting/,
    fix: /remove it/,
  },
  "an image under the key that it had before": {
    edits: { "images.vectorStore": undefined, "images.qdrant": { registry: "own", name: "qdrant", tag: "v1" } },
    path: "images.qdrant",
    rule: /is called vectorStore now/,
    fix: /rename it to vectorStore/,
  },
  "a data store under the key that it had before": {
    edits: { "data.vectorStore": undefined, "data.qdrant": { zone: "asia-northeast3-a" } },
    path: "data.qdrant",
    rule: /is called vectorStore now/,
    fix: /rename it to vectorStore/,
  },
  "a missing section": { edits: { grace: undefined }, path: "grace", rule: /is required/, fix: /add it/ },
  "a mail server on the port that Google Cloud closes": {
    edits: { "alerts.smtp.smarthost": "smtp.example.com:25" },
    path: "alerts.smtp.smarthost",
    rule: /port other than 25/,
    fix: /smtp\.example\.com:587/,
  },
  "a mail server and nobody to write to": {
    edits: { "alerts.emails": [], profile: "demo" },
    path: "alerts.smtp",
    rule: /nobody to write to/,
    fix: /add an address to alerts\.emails/,
  },
  "a channel by its title": {
    edits: { "alerts.notificationChannels": ["#llm-alerts"] },
    path: "alerts.notificationChannels[0]",
    rule: /must be a channel of Cloud Monitoring/,
    fix: /gcloud beta monitoring channels list/,
  },
  "metrics pushed every second": {
    edits: { cloudMetrics: { intervalSeconds: 1 } },
    path: "cloudMetrics.intervalSeconds",
    rule: /must be 15 or 60 seconds/,
    fix: /./,
  },
  "an invalid project id": {
    edits: { project: "Terrace_Production" },
    path: "project",
    rule: /6 to 30 lower-case/,
    fix: /gcloud projects list/,
  },
  "a zone without L4s": {
    edits: { "groups.0.zone": "asia-northeast3-c" },
    path: "groups[0].zone",
    rule: /no zone known to have L4/,
    fix: /asia-northeast3-a, asia-northeast3-b/,
  },
  "a zone of another region": {
    edits: { "groups.0.zone": "us-central1-a" },
    path: "groups[0].zone",
    rule: /not in the region asia-northeast3/,
    fix: /zone of the region/,
  },
  "an impossible machine shape": {
    edits: { "machine.type": "g2-standard-6" },
    path: "machine.type",
    rule: /no machine shape with L4/,
    fix: /g2-standard-8/,
  },
  "a GPU that the shape lacks": {
    edits: { "groups.0.engines.2.gpu": 2 },
    path: "groups[0].engines[2].gpu",
    rule: /no GPU of a g2-standard-24, which has 2/,
    fix: /lower index/,
  },
  "a VM in two groups": {
    edits: { "groups.1.instances.vms.0.name": "llm-vm-1" },
    path: "groups[1].instances.vms[0].name",
    rule: /group ai-1 already/,
    fix: /rename the VM/,
  },
  "a route to a group without its model": {
    edits: {
      "groups.1.engines": [
        { model: "gemma3-12b-it-gptq", maxNumSeqs: 20 },
        { model: "gemma3-4b-it", gpu: 1, memoryShare: 0.6, maxNumSeqs: 10 },
      ],
    },
    path: "routes.interview.groups[1]",
    rule: /does not run mistral-7b-instruct-gptq/,
    fix: /place mistral/,
  },
  "a route to no group": {
    edits: { "routes.news.groups": ["ai-1", "ai-2", "ai-3"] },
    path: "routes.news.groups[2]",
    rule: /is no group/,
    fix: /ai-1, ai-2/,
  },
  "a path of two routes": {
    edits: { "routes.news.paths": ["/news", "/til"] },
    path: "routes.news.paths[1]",
    rule: /belongs to routes.til/,
    fix: /one route class/,
  },
  "a path of two routes, told apart by a slash": {
    edits: { "routes.news.paths": ["/news", "/til/"] },
    path: "routes.news.paths[1]",
    rule: /belongs to routes.til/,
    fix: /one route class/,
  },
  "a model that does not fit its share": {
    edits: { "groups.0.engines.0.memoryShare": 0.4 },
    path: "groups[0].engines[0]",
    rule: /does not fit: .*GiB/,
    fix: /raise memoryShare/,
  },
  "models that do not fit 24 GB together": {
    edits: { "groups.0.engines.2.memoryShare": 0.5 },
    path: "groups[0].engines",
    rule: /105 % of GPU 1 together, which holds 24 GB/,
    fix: /another GPU/,
  },
  "max-num-seqs beyond the KV budget": {
    edits: { "groups.0.engines.0.maxNumSeqs": 128 },
    path: "groups[0].engines[0].maxNumSeqs",
    rule: /beyond the KV budget: \d+ MiB of cache hold 2\d sequences of 1024 tokens/,
    fix: /lower it to 2\d/,
  },
  "overlapping ranges": {
    edits: { "network.servicesCidr": "10.20.0.0/22" },
    path: "network.servicesCidr",
    rule: /overlaps network.servingCidr = 10.20.0.0\/20/,
    fix: /move one/,
  },
  "a range with host bits": {
    edits: { "network.servingCidr": "10.20.0.5/20" },
    path: "network.servingCidr",
    rule: /host bits set; did you mean 10.20.0.0\/20/,
    fix: /10.10.0.0\/20/,
  },
  "a public range": {
    edits: { "network.servingCidr": "8.8.0.0/20" },
    path: "network.servingCidr",
    rule: /RFC 1918/,
    fix: /10.0.0.0\/8/,
  },
  "a name over 63 characters": {
    edits: { "groups.0.instances.vms.0.name": `llm-${"v".repeat(60)}` },
    path: "groups[0].instances.vms[0].name",
    rule: /1 to 63/,
    fix: /shorten/,
  },
  "a grace chain that does not add up": {
    edits: { "grace.loadBalancerDrainingSeconds": 60 },
    path: "grace.loadBalancerDrainingSeconds",
    rule: /does not add up: .*15 s preStop \+ 240 s gateway \+ 30 s engine/,
    fix: /raise it to 285/,
  },
  "a Spot VM whose notice is shorter than the chain": {
    edits: { "groups.0.instances.vms.0.provisioning": "spot", onDemandFloor: 1 },
    path: "grace",
    rule: /killed 30 s after the notice/,
    fix: /30 seconds in all/,
  },
  "a cost above the budget": {
    edits: { "budget.monthlyUsd": 1000 },
    path: "budget.monthlyUsd",
    rule: /less than the \d{4,5} US dollars .*2025-03-06/,
    fix: /raise it to \d{4}/,
  },
  "an image by tag in production": {
    edits: { "images.app": { registry: "own", name: "app", tag: "v1" } },
    path: "images.app.digest",
    rule: /required in production/,
    fix: /sha256/,
  },
  "a digest that is none": {
    edits: { "images.app.digest": "sha256:abc" },
    path: "images.app.digest",
    rule: /64 hexadecimal/,
    fix: /copy it/,
  },
  "Spot VMs only": {
    edits: {
      "groups.0.instances.vms.0.provisioning": "spot",
      "groups.1.instances.vms.0.provisioning": "spot",
      onDemandFloor: 0,
      grace: { loadBalancerDrainingSeconds: 60, preStopSeconds: 5, gatewayDrainSeconds: 20, engineShutdownSeconds: 4 },
    },
    path: "onDemandFloor",
    rule: /at least 1 in production/,
    fix: /1 or more/,
  },
  "an on-demand floor above the standard VMs": {
    edits: { onDemandFloor: 3 },
    path: "onDemandFloor",
    rule: /more than the 2 VMs that are not Spot/,
    fix: /lower the floor/,
  },
  "one zone in production": {
    edits: { "groups.1.zone": "asia-northeast3-a" },
    path: "groups",
    rule: /one zone/,
    fix: /second zone/,
  },
  "no domain in production": {
    edits: { domain: null, kubernetes: null },
    path: "domain",
    rule: /plain HTTP/,
    fix: /add domain/,
  },
  "a host outside the zone": {
    edits: { "domain.host": "llm.example.org" },
    path: "domain.host",
    rule: /does not lie in the zone example.com/,
    fix: /host of the zone/,
  },
  "an alias outside the zone": {
    edits: { "domain.aliases": ["api.example.com", "llm.example.org"] },
    path: "domain.aliases[1]",
    rule: /does not lie in the zone example.com/,
    fix: /host of the zone/,
  },
  "a host that is its own alias": {
    edits: { "domain.aliases": ["llm.example.com"] },
    path: "domain.aliases[0]",
    rule: /is named twice/,
    fix: /once/,
  },
  "a watchdog without Prometheus": {
    edits: { idleWatchdog: { floor: 1 }, monitoring: null },
    path: "idleWatchdog",
    rule: /there is no monitoring/,
    fix: /add monitoring/,
  },
  "a watchdog of a group that starts machines again": {
    edits: {
      idleWatchdog: { floor: 1 },
      "groups.0.instances": { kind: "managed", minInstances: 1, maxInstances: 1 },
    },
    path: "groups[0].instances.kind",
    rule: /starts again what the watchdog stops/,
    fix: /unmanaged/,
  },
  "a watchdog that leaves nobody in production": {
    edits: { idleWatchdog: {} },
    path: "idleWatchdog.floor",
    rule: /at least 1 in production/,
    fix: /1 or more/,
  },
  "a watchdog with nothing to stop": {
    edits: { idleWatchdog: { floor: 2 } },
    path: "idleWatchdog.floor",
    rule: /leaves nothing to stop: there are 2 machines/,
    fix: /lower it/,
  },
  "backups for a day": {
    edits: { "data.backups": { retentionDays: 1 } },
    path: "data.backups.retentionDays",
    rule: /from 7 to 3650/,
    fix: /correct the value/,
  },
  "nobody let in": {
    edits: { serviceTokens: [] },
    path: "serviceTokens",
    rule: /lets nobody in/,
    fix: /npm run token/,
  },
  "a token in place of its hash": {
    edits: { "serviceTokens.0.sha256": "q3WzF7_mN0" },
    path: "serviceTokens[0].sha256",
    rule: /64 hexadecimal digits, the SHA-256 of the token and not the token/,
    fix: /npm run token/,
  },
  "a token's name twice": {
    edits: {
      serviceTokens: [
        { name: "ci", sha256: "a".repeat(64) },
        { name: "ci", sha256: "b".repeat(64) },
      ],
    },
    path: "serviceTokens[1].name",
    rule: /is taken/,
    fix: /another name/,
  },
  "a token twice": {
    edits: {
      serviceTokens: [
        { name: "ci", sha256: "a".repeat(64) },
        { name: "web", sha256: "a".repeat(64) },
      ],
    },
    path: "serviceTokens[1].sha256",
    rule: /could not tell the two apart/,
    fix: /once for each/,
  },
  "a fallback to the same model": {
    edits: { "routes.til.fallback": "api" },
    path: "routes.til.fallback",
    rule: /where one cannot, the other cannot/,
    fix: /another model/,
  },
  "an embedding server without /v1": {
    edits: { embeddings: { url: "http://embed.internal:8080", range: "10.40.0.0/28" } },
    path: "embeddings.url",
    rule: /ends in \/v1/,
    fix: /embed\.internal:8080\/v1/,
  },
  "embedded stores on two VMs": {
    edits: { data: { kind: "none" } },
    path: "data.kind",
    rule: /keeps data in one gateway on one machine, and there may be 12/,
    fix: /managed/,
  },
  "a wildcard repository": {
    edits: { "ci.repository": "*" },
    path: "ci.repository",
    rule: /one GitHub repository/,
    fix: /never a wildcard/,
  },
  "production without the repository's number": {
    edits: { "ci.repositoryId": undefined },
    path: "ci.repositoryId",
    rule: /lets in whoever takes it next/,
    fix: /gh api repos\/terrace-llm\/terrace --jq \.id` prints, then apply bootstrap/,
  },
  "production without the number of the repository's owner": {
    edits: { "ci.repositoryOwnerId": undefined },
    path: "ci.repositoryOwnerId",
    rule: /is required in production/,
    fix: /--jq \.owner\.id`/,
  },
  "a repository's name for its number": {
    edits: { "ci.repositoryId": "acme/terrace" },
    path: "ci.repositoryId",
    rule: /must be the number of the repository, as `gh api/,
    fix: /correct the value/,
  },
  "an unknown balancing mode": {
    edits: { "balancing.mode": "gpu" },
    path: "balancing.mode",
    rule: /must be one of utilization, custom-metrics/,
    fix: /choose/,
  },
  "a managed group whose instances' names would be too long": {
    edits: {
      "groups.0.name": `ai-${"g".repeat(34)}`,
      "groups.0.instances": { kind: "managed", minInstances: 1, maxInstances: 1 },
      "routes.til.groups": [`ai-${"g".repeat(34)}`, "ai-2"],
      "routes.news.groups": [`ai-${"g".repeat(34)}`, "ai-2"],
      "routes.interview.groups": [`ai-${"g".repeat(34)}`, "ai-2"],
      "routes.api.groups": [`ai-${"g".repeat(34)}`, "ai-2"],
    },
    path: "groups[0].name",
    rule: /37 characters, and a managed group's instances need names of at most 63/,
    fix: /shorten/,
  },
  "a managed group that shrinks when it grows": {
    edits: { "groups.0.instances": { kind: "managed", minInstances: 2, maxInstances: 1 } },
    path: "groups[0].instances.minInstances",
    rule: /not be more than maxInstances/,
    fix: /raise maxInstances/,
  },
  "a standby without the log archive": {
    edits: { "data.postgres.pointInTimeRecovery": false },
    path: "data.postgres.pointInTimeRecovery",
    rule: /a standby needs the log archive/,
    fix: /write true/,
  },
  "a bad label": { edits: { labels: { Team: "x" } }, path: "labels.Team", rule: /label key/, fix: /such as team/ },
};

describe("parseSettings, one mistake", () => {
  it.each(Object.entries(MISTAKES))("reports %s in one line", (_name, { edits, path, rule, fix }) => {
    const problems = problemsOf(edited(edits));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.rule).toMatch(rule);
    expect(problems[0]?.fix).toMatch(fix);
  });
});

describe("parseSettings, several mistakes", () => {
  it("reports all at once, across sections, one line each", () => {
    const input = edited({ appPorts: 1, project: "X", "machine.type": "n1", "network.servicesCidr": "10.20.0.0/22" });
    expect(
      problemsOf(input)
        .map((problem) => problem.path)
        .sort(),
    ).toEqual(["appPorts", "machine.type", "network.servicesCidr", "project"]);
    expect(() => parseSettings(input)).toThrow(/"production": 4 mistakes, nothing was written\n( {2}\S.*\n?){4}$/);
  });

  it("lists each path of a mistake that every engine has", () => {
    const input = edited({ "groups.0.engines.0.maxNumSeqs": 99, "groups.1.engines.0.maxNumSeqs": 99 });
    expect(problemsOf(input).map((problem) => problem.path)).toEqual([
      "groups[0].engines[0].maxNumSeqs",
      "groups[1].engines[0].maxNumSeqs",
    ]);
  });

  it("names the prices and the backup region that a new region lacks", () => {
    const fixes = problemsOf(edited({ region: "europe-west2" }))
      .filter((problem) => problem.path === "region")
      .map((problem) => problem.fix);
    expect(fixes).toEqual([
      expect.stringContaining("planning/backup-region.ts"),
      expect.stringContaining("planning/prices.ts"),
    ]);
  });

  it("does not judge an invalid section by its defaults", () => {
    const problems = problemsOf(edited({ "data.kind": "mangaed" }));
    expect(problems.map((problem) => problem.path)).toEqual(["data.kind"]);
  });
});

describe("parseSettings, no object", () => {
  it.each([null, undefined, 3, "production", []])("refuses %p with every required field", (input) => {
    expect(problemsOf(input).length).toBeGreaterThan(0);
  });
});

describe("parseSettings, valid settings", () => {
  it.each([
    ["demo", demo],
    ["production", production],
  ])("%s has no problem", (_name, environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });

  it("fills in the schema's defaults", () => {
    const settings = parseSettings(demo);
    expect(settings).toMatchObject({ appPort: 8001, modelSource: "gcs", labels: {}, monitoring: null, domain: null });
  });

  it("takes a managed group with custom metrics", () => {
    const managed = { kind: "managed", minInstances: 1, maxInstances: 2 };
    const edits = {
      "groups.0.instances": managed,
      "groups.1.instances": managed,
      balancing: { mode: "custom-metrics" },
      "budget.monthlyUsd": 20000,
      "images.app.digest": digest,
    };
    expect(problemsOf(edited(edits))).toEqual([]);
  });
});
