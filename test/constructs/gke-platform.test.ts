import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { Release } from "@cdktf/provider-helm/lib/release";
import { ApiServiceV1 } from "@cdktf/provider-kubernetes/lib/api-service-v1";
import { DaemonSetV1 } from "@cdktf/provider-kubernetes/lib/daemon-set-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { PriorityClassV1 } from "@cdktf/provider-kubernetes/lib/priority-class-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { App, DataResource, Testing } from "cdktf";
import { load } from "js-yaml";
import { MONITORING_RELEASE } from "../../constructs/gke/monitoring-values";
import { POD_RULES } from "../../constructs/gke/prometheus-adapter-values";
import { type Environment, environmentOf } from "../../environment/environment";
import { THIRD_PARTY_CHARTS } from "../../planning/charts";
import { ADAPTER_METRICS } from "../../planning/metrics-api";
import { VECTOR_STORE } from "../../planning/names";
import { vectorStoreSpread } from "../../planning/vector-store-cluster";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import { SettingsError } from "../../settings/schema/problems";
import type { SettingsInput } from "../../settings/schema/settings";
import { GkePlatformStack } from "../../stacks/gke-platform";
import { describeWith, runTool } from "../../testing/programs";
import { blocksAt, isObject, type JsonObject, parseObject, textAt } from "../support/json";
import { resourcesOf } from "../support/stack-view";
import { Template } from "../support/template";
import { parsePrometheusText, selects } from "./prometheus-text";

type Cluster = NonNullable<SettingsInput["kubernetes"]>;

function environmentWith(change: Partial<Cluster>): Environment {
  const { kubernetes } = production;
  if (kubernetes === null || kubernetes === undefined) throw new Error("production has no cluster");
  return environmentOf(parseSettings({ ...production, kubernetes: { ...kubernetes, ...change } }));
}

const TEMPLATES = new Map<string, Template>();

/** The stack, synthesized once for equal settings. */
function platform(change: Partial<Cluster> = {}): Template {
  const environment = environmentWith(change);
  const key = JSON.stringify(environment.settings);
  const template = TEMPLATES.get(key) ?? Template.ofStack(new GkePlatformStack(Testing.app(), environment));
  TEMPLATES.set(key, template);
  return template;
}

/** Values of a release, as Helm reads them. */
function values(template: Template, name: string): JsonObject {
  const { body } = template.expectResource(Release, { name });
  const [text] = Array.isArray(body.values) ? body.values : [];
  return parseObject(JSON.stringify(load(String(text))));
}

describe("GkePlatformStack", () => {
  it("applies the monitoring first, after what it needs, and the other releases after it", () => {
    const releases = platform({ dcgm: "chart" }).resources(Release);
    const waits = (name: string) =>
      JSON.stringify(releases.find(({ body }) => body.name === name)?.body.depends_on ?? []);
    const [monitoring = ""] = releases
      .map(({ address }) => address)
      .filter((address) => address.includes("monitoring"));
    for (const name of ["prometheus-adapter", "dcgm-exporter", VECTOR_STORE]) expect(waits(name)).toContain(monitoring);
    const first = waits(MONITORING_RELEASE);
    for (const needed of ["namespace", "priority_class", "artifact_registry_repository"])
      expect(first).toContain(needed);
  });

  it("restricts pods by Pod Security, in every namespace but the exporters'", () => {
    const template = platform();
    for (const name of ["llm-serving", "platform"]) {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      template.expectResource(NamespaceV1, { metadata: { name, labels } });
    }
    template.expectResource(NamespaceV1, {
      metadata: { name: "exporters", labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    });
    template.expectCount(NamespaceV1, 3);
    expect(values(template, "monitoring")).toMatchObject({
      "prometheus-node-exporter": { namespaceOverride: "exporters" },
    });
  });

  it("gives GPUs to the workload alone, as many as the cluster may have, and opens no other way in", () => {
    const template = platform();
    const most = production.kubernetes?.autoProvisioning?.maxL4;
    expect(most).toBeGreaterThan(0);
    template.expectCount(ResourceQuotaV1, 3);
    const quotas = template.resources(ResourceQuotaV1).map(({ body }) => JSON.stringify(body.spec));
    expect(quotas.filter((quota) => quota.includes(`"requests.nvidia.com/gpu":"${most}"`))).toHaveLength(1);
    expect(quotas.filter((quota) => quota.includes('"requests.nvidia.com/gpu":"0"'))).toHaveLength(2);
    for (const quota of quotas) {
      expect(quota).toContain('"services.loadbalancers":"0"');
      expect(quota).toContain('"services.nodeports":"0"');
    }
  });

  it("has a quota of storage with room for the claims that shrinking Qdrant leaves, and for one more", () => {
    const quota = (vectorStoreReplicas: "1" | "3") =>
      platform({ vectorStoreReplicas })
        .resources(ResourceQuotaV1)
        .map(({ body }) => JSON.stringify(body.spec))
        .find((spec) => spec.includes("requests.storage"));
    // Three pods with two disks of 50, Prometheus' 50, Alertmanager's 2; and 50.
    expect(quota("3")).toContain('"requests.storage":"402Gi"');
    expect(quota("1")).toBe(quota("3"));
  });

  it("has priorities in the order of what may push out what, the spare where it still makes a node", () => {
    const template = platform();
    const priority = (name: string) =>
      Number(template.expectResource(PriorityClassV1, { metadata: { name } }).body.value);
    const order = ["llm-exporter", "llm-gateway", "llm-engine"].map(priority);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(priority("llm-spare")).toBe(-10);
    template.expectNoResource(PriorityClassV1, { globalDefault: true });
  });

  it("pulls every chart's images through the mirrors, because nodes reach no other registry", () => {
    for (const dcgm of ["managed", "chart"] as const) {
      const template = platform({ dcgm });
      for (const release of template.resources(Release)) {
        const text = JSON.stringify(release.body.values);
        expect(text).toContain("asia-northeast3-docker.pkg.dev/terrace-production/terrace-production-");
        expect(text).not.toMatch(
          /(?:registry|repository): (?:quay\.io|ghcr\.io|docker\.io|registry\.k8s\.io|nvcr\.io)/,
        );
      }
    }
  });

  it("holds no password, and takes Grafana's from a Secret made by hand", () => {
    const template = platform();
    expect(values(template, "monitoring")).toMatchObject({ grafana: { admin: { existingSecret: "grafana-admin" } } });
    expect(JSON.stringify(template.resources(Release))).not.toMatch(/adminPassword|prom-operator/);
  });

  it("has no monitor for what GKE hides", () => {
    const monitoring = values(platform(), "monitoring");
    for (const part of [
      "kubeControllerManager",
      "kubeScheduler",
      "kubeEtcd",
      "kubeProxy",
      "kubeApiServer",
      "coreDns",
    ]) {
      expect(monitoring[part]).toEqual({ enabled: false });
    }
    expect(monitoring).toMatchObject({
      prometheus: {
        prometheusSpec: { podMonitorSelectorNilUsesHelmValues: false, retention: "30d", retentionSize: "40GiB" },
      },
    });
  });

  it("throws for settings without a cluster", () => {
    const without = parseSettings({ ...production, kubernetes: null });
    expect(() => new GkePlatformStack(Testing.app(), environmentOf(without))).toThrow("kubernetes is null");
  });
});

describe("GkePlatformStack, owner of the metrics APIs", () => {
  it("is prometheus-adapter, which takes neither the resource API nor thousands of default metrics", () => {
    const template = platform({ metricsAdapter: "prometheus" });
    const { rules } = values(template, "prometheus-adapter");
    expect(rules).toMatchObject({ default: false, custom: expect.any(Array), external: expect.any(Array) });
    expect(rules).not.toHaveProperty("resource");
    template.expectCount(ApiServiceV1, 0);
  });

  it("is Google's adapter, and then no other", () => {
    const template = platform({ metricsAdapter: "google" });
    expect(template.resources(Release).map(({ body }) => body.name)).not.toContain("prometheus-adapter");
    const apis = template.resources(ApiServiceV1).map(({ body }) => JSON.stringify(body.metadata));
    expect(apis).toHaveLength(3);
    expect(apis.join()).not.toContain("metrics.k8s.io/metrics");
    const owned = (group: string) => apis.filter((api) => new RegExp(`"v\\w+\\.${group}"`).test(api)).length;
    expect(owned("metrics.k8s.io")).toBe(0);
    for (const group of ["custom.metrics.k8s.io", "external.metrics.k8s.io"]) expect(owned(group)).toBeGreaterThan(0);
    template.expectResource(ProjectIamMember, { role: "roles/monitoring.viewer" });
  });

  it("is replaced as a whole, so that one adapter's registrations are gone before the other's come", () => {
    for (const metricsAdapter of ["prometheus", "google"] as const) {
      const template = platform({ metricsAdapter });
      const { address, body } = template.expectResource(DataResource, { triggersReplace: { adapter: metricsAdapter } });
      // Created before it is destroyed, it would order nothing.
      expect(body).not.toHaveProperty("lifecycle");
      const releases = template.resources(Release).filter((release) => release.body.name === "prometheus-adapter");
      const adapter = [...releases, ...template.resources(ApiServiceV1)];
      expect(adapter).toHaveLength(metricsAdapter === "prometheus" ? 1 : 3);
      for (const { address: of, body: held } of adapter) {
        expect({ of, after: held.depends_on }).toEqual({ of, after: expect.arrayContaining([address]) });
      }
    }
  });
});

describe("GkePlatformStack, GPU metrics", () => {
  it("come from GKE's exporter, scraped by its port, or from NVIDIA's chart, never from both", () => {
    const managed = platform({ dcgm: "managed" });
    expect(managed.resources(Release).map(({ body }) => body.name)).not.toContain("dcgm-exporter");
    expect(JSON.stringify(values(managed, "monitoring"))).toContain("gke-managed-system");
    const chart = platform({ dcgm: "chart" });
    chart.expectResource(Release, { name: "dcgm-exporter", chart: "dcgm-exporter" });
    expect(JSON.stringify(values(chart, "monitoring"))).not.toContain("gke-managed-system");
  });

  it("have labels of the pod that holds the GPU, and a priority that the namespace may use", () => {
    expect(values(platform({ dcgm: "chart" }), "dcgm-exporter")).toMatchObject({
      priorityClassName: "llm-exporter",
      // The API server refuses a privileged container that may not escalate.
      securityContext: { privileged: true, allowPrivilegeEscalation: true },
      serviceMonitor: { honorLabels: true },
    });
  });

  it("name the engine's pod by GKE's names of GPUs, and never the exporter's own", () => {
    const exporter = values(platform({ dcgm: "chart" }), "dcgm-exporter");
    expect(exporter.extraEnv).toContainEqual({ name: "DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE", value: "device-name" });
    const monitor = isObject(exporter.serviceMonitor) ? exporter.serviceMonitor : {};
    // What the Prometheus operator gives a target of a ServiceMonitor.
    const own = { job: "dcgm-exporter", namespace: "exporters", pod: "dcgm-exporter-x7k2p", container: "exporter" };
    const target = afterDrops(own, blocksAt(monitor, "relabelings"));
    expect(target).toEqual({ job: "dcgm-exporter" });
    const recorded = readFileSync(join(__dirname, "..", "fixtures", "metrics", "dcgm.prom"), "utf8");
    // honor_labels: a sample's own label wins, and an empty one takes the target's away.
    const series = parsePrometheusText(recorded).map(({ labels, ...sample }) => ({
      ...sample,
      labels: Object.fromEntries(Object.entries({ ...target, ...labels }).filter(([, value]) => value !== "")),
    }));
    expect(series.map(({ labels }) => labels.pod)).toEqual(["engine-0-a", undefined]);
    const [rule] = POD_RULES.filter(({ name }) => name.as === ADAPTER_METRICS.gpuUtilization);
    expect(series.filter((sample) => selects(rule?.seriesQuery ?? "", sample))).toHaveLength(1);
  });

  it("would name the exporter's pod where an exporter finds no pod and its target's labels stay", () => {
    const unmapped = {
      name: "DCGM_FI_DEV_GPU_UTIL",
      labels: { gpu: "0", UUID: "GPU-0", device: "nvidia0" },
      value: 87,
    };
    const own = { namespace: "exporters", pod: "dcgm-exporter-x7k2p" };
    const [rule] = POD_RULES.filter(({ name }) => name.as === ADAPTER_METRICS.gpuUtilization);
    const query = rule?.seriesQuery ?? "";
    expect(selects(query, { ...unmapped, labels: { ...own, ...unmapped.labels } })).toBe(true);
    expect(selects(query, unmapped)).toBe(false);
  });
});

/** A target's labels after relabelling that only drops labels. @throws Error for any other. */
function afterDrops(labels: Readonly<Record<string, string>>, relabelings: readonly JsonObject[]) {
  const drops = relabelings.map((relabeling) => {
    if (relabeling.action !== "labeldrop") throw new Error(`${JSON.stringify(relabeling)} drops no label`);
    return new RegExp(`^(?:${textAt(relabeling, "regex")})$`);
  });
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !drops.some((drop) => drop.test(name))));
}

describe("GkePlatformStack, GPU driver", () => {
  it("is installed by the DaemonSet only where GKE does not", () => {
    platform({ driver: "gke" }).expectCount(DaemonSetV1, 0);
    const template = platform({ driver: "daemonset" });
    const { body } = template.expectResource(DaemonSetV1, {
      metadata: { namespace: "kube-system" },
      waitForRollout: false,
    });
    expect(JSON.stringify(body)).toContain("cloud.google.com/gke-gpu-driver-version");
  });
});

describe("GkePlatformStack, Qdrant", () => {
  it("spreads six shards of two copies over three pods, and keeps one of each with one", () => {
    for (const replicas of ["1", "3"] as const) {
      const { shardsPerPod, replicationFactor } = vectorStoreSpread(replicas);
      expect(values(platform({ vectorStoreReplicas: replicas }), "qdrant")).toMatchObject({
        replicaCount: Number(replicas),
        snapshotPersistence: { enabled: true },
        podDisruptionBudget: { enabled: replicas === "3" },
        config: {
          cluster: { enabled: true },
          storage: { collection: { replication_factor: replicationFactor, vectors: { on_disk: true } } },
        },
      });
      expect(shardsPerPod * Number(replicas)).toBe(replicas === "3" ? 6 : 1);
      expect(replicationFactor).toBeLessThanOrEqual(Number(replicas));
    }
  });

  it("is of the version that step 1 runs, chart and image", () => {
    const { version } = THIRD_PARTY_CHARTS.qdrant;
    expect(production.images?.vectorStore?.tag).toBe(`v${version}`);
    expect(values(platform(), "qdrant")).toMatchObject({ image: { tag: `v${version}` } });
  });
});

describe("GkePlatformStack, charts", () => {
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  const mirror = join(folder, "mirror");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("come from their own repositories at their versions", () => {
    const template = platform({ dcgm: "chart" });
    // Those of others, and this repository's own with rules and dashboards.
    template.expectCount(Release, Object.keys(THIRD_PARTY_CHARTS).length + 1);
    for (const [chart, { repository, version }] of Object.entries(THIRD_PARTY_CHARTS)) {
      template.expectResource(Release, { chart, repository, version, atomic: true });
    }
  });

  it("come from an OCI mirror at the same versions, with a login where it is Google's", () => {
    const chartMirror = "oci://asia-northeast3-docker.pkg.dev/acme/charts";
    const template = platform({ dcgm: "chart", chartMirror });
    for (const [chart, { version }] of Object.entries(THIRD_PARTY_CHARTS)) {
      template.expectResource(Release, { chart, repository: chartMirror, version });
    }
    const provider = (mirror: string) =>
      Testing.synth(new GkePlatformStack(Testing.app(), environmentWith({ chartMirror: mirror })));
    expect(provider(chartMirror)).toContain("oauth2accesstoken");
    expect(provider("oci://registry.example.com/charts")).not.toContain("oauth2accesstoken");
  });

  it("are named in one line where a folder lacks them", () => {
    const refuse = () => new GkePlatformStack(Testing.app(), environmentWith({ chartMirror: "./no/such/folder" }));
    expect(refuse).toThrow(SettingsError);
    expect(refuse).toThrow(
      /kubernetes\.chartMirror = "\.\/no\/such\/folder": lacks kube-prometheus-stack-[\d.]+\.tgz, qdrant-[\d.]+\.tgz, prometheus-adapter-[\d.]+\.tgz\. Fix: .*closed-network\.md/,
    );
  });

  describeWith(["helm"], "from a folder, rendered by the real helm", () => {
    let stack: JsonObject;
    const outdir = join(folder, "out");

    beforeAll(() => {
      for (const [chart, { version }] of Object.entries(THIRD_PARTY_CHARTS)) {
        const source = join(folder, "sources", chart);
        mkdirSync(join(source, "templates"), { recursive: true });
        writeFileSync(join(source, "Chart.yaml"), `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`);
        writeFileSync(
          join(source, "templates", "stub.yaml"),
          "kind: ConfigMap\napiVersion: v1\nmetadata: {name: from-the-mirror}\ndata: {values: {{ .Values | toJson | quote }}}\n",
        );
        const packaged = runTool("helm", ["package", source, "--destination", mirror]);
        if (packaged.status !== 0) throw new Error(packaged.output);
      }
      const app = new App({ outdir });
      new GkePlatformStack(app, environmentWith({ dcgm: "chart", chartMirror: mirror }));
      app.synth();
      stack = parseObject(readFileSync(join(outdir, "stacks", "production-gke-platform", "cdk.tf.json"), "utf8"));
    });

    it.each(Object.keys(THIRD_PARTY_CHARTS))("is the mirror's %s, with our values", (chart) => {
      const release = resourcesOf(stack).find(
        ({ type, body }) => type === "helm_release" && textAt(body, "chart")?.includes(`${chart}-`) === true,
      );
      if (release === undefined) throw new Error(`no release of ${chart}`);
      const [text] = Array.isArray(release.body.values) ? release.body.values : [];
      const path = textAt(release.body, "chart") ?? "";
      // Beside the stack, so that it is found wherever the folder of the stacks is taken to.
      expect(path).toMatch(/^\.\/assets\//);
      const valuesFile = join(folder, `${chart}.yaml`);
      writeFileSync(valuesFile, String(text));
      const file = join(outdir, "stacks", "production-gke-platform", path);
      const rendered = runTool("helm", ["template", "name", file, "--values", valuesFile]);
      expect(rendered.output).toContain("name: from-the-mirror");
      const manifest: unknown = load(rendered.output);
      const data = typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "data") : undefined;
      expect(isObject(data) ? load(String(data.values)) : undefined).toEqual(load(String(text)));
      expect(release.body).not.toHaveProperty("repository");
    });
  });
});
