/**
 * Stand-ins for the charts of others, which are not in this repository and cannot be fetched while tests run: each makes
 * what the stacks or their order rest on, and says that it is a stand-in. That the real ones are accepted is not tested.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import { type ChartName, THIRD_PARTY_CHARTS } from "../../../planning/charts";
import { customResourceDefinitions } from "../custom-resource-definitions";

/** Adapters own these names: two of them on one name is what must never be applied. */
const METRICS_APIS = ["custom.metrics.k8s.io", "external.metrics.k8s.io"] as const;

interface StandIn {
  readonly objects?: readonly object[];
  /** Helm applies them before the objects of any chart. */
  readonly definitions?: readonly object[];
}

const CHARTS: Readonly<Record<Exclude<ChartName, "dcgm-exporter">, () => StandIn>> = {
  "kube-prometheus-stack": () => ({ definitions: customResourceDefinitions("monitoring.coreos.com") }),
  "prometheus-adapter": () => ({ objects: METRICS_APIS.map(metricsApi) }),
  qdrant: () => ({}),
};

function metricsApi(group: string): object {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `v1beta1.${group}` },
    spec: {
      group,
      version: "v1beta1",
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: "prometheus-adapter", namespace: "{{ .Release.Namespace }}" },
    },
  };
}

/** Writes them into the folder, named as `kubernetes.chartMirror` needs them. */
export function writeStandInCharts(folder: string): void {
  const sources = mkdtempSync(join(tmpdir(), "stand-in-charts-"));
  try {
    for (const [name, standIn] of Object.entries(CHARTS)) {
      writeChart(join(sources, name), name, standIn());
      execFileSync("helm", ["package", join(sources, name), "--destination", folder], { stdio: "pipe" });
    }
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}

function writeChart(folder: string, name: string, { objects = [], definitions = [] }: StandIn): void {
  const { version } = THIRD_PARTY_CHARTS[name in THIRD_PARTY_CHARTS ? (name as ChartName) : "qdrant"];
  const description = `A stand-in for ${name} in tests: none of its programs.`;
  const says = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `stand-in-${name}` }, data: { description } };
  write(folder, "Chart.yaml", [{ apiVersion: "v2", name, version, description }]);
  write(join(folder, "templates"), "objects.yaml", [says, ...objects]);
  if (definitions.length > 0) write(join(folder, "crds"), "definitions.yaml", definitions);
}

function write(folder: string, file: string, documents: readonly object[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), documents.map((document) => dump(document, { noRefs: true })).join("---\n"));
}
