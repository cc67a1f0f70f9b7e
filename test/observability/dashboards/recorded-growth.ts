/** Recorded samples as series that go on: what an emitter showed once, on the targets of either step. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { TASKS } from "../../../app/src/contract/tasks";
import { type MetricSample, parsePrometheusText, seriesText } from "../../constructs/prometheus-text";

const FOLDER = join(__dirname, "../../fixtures/metrics/recorded");

/** The step whose targets they are: a scrape on a VM adds the machine, one in the cluster the pod. */
export type Step = "cluster" | "vm";

/** What no page shows: Prometheus makes it of scrapes and rules. */
const MADE_BY_PROMETHEUS: readonly MetricSample[] = [
  { name: "up", labels: {}, value: 1 },
  { name: "ALERTS", labels: { alertname: "QueueLong", alertstate: "firing", severity: "warning" }, value: 1 },
];

/** Minutes that the series last. */
export const MINUTES = 30;

/** Labels of each emitter's scrape. Source: constructs/observability/prometheus-config.ts, charts/observability. */
const JOBS: Readonly<Record<string, Readonly<Record<Step, string>>>> = {
  alertmanager: { vm: "alertmanager", cluster: "monitoring-alertmanager" },
  "blackbox-exporter": { vm: "site", cluster: "site" },
  "dcgm-exporter": { vm: "dcgm", cluster: "dcgm" },
  gateway: { vm: "gateway", cluster: "llm-serving/gateway" },
  "kube-state-metrics": { vm: "", cluster: "kube-state-metrics" },
  kubelet: { vm: "", cluster: "kubelet" },
  "node-exporter": { vm: "node", cluster: "node-exporter" },
  prometheus: { vm: "prometheus", cluster: "monitoring-prometheus" },
  vllm: { vm: "vllm", cluster: "llm-serving/engine" },
};

function targetLabels(emitter: string, step: Step): Readonly<Record<string, string>> {
  const job = JOBS[emitter]?.[step];
  if (job === undefined) throw new Error(`nobody says how ${emitter} is scraped`);
  if (step === "vm") return { job, instance: "llm-vm-1", group: "1", zone: "asia-northeast3-b" };
  return { job, instance: "10.0.0.7:8001", namespace: "llm-serving", pod: `${emitter}-1`, node: "gke-l4-1" };
}

/** Counters and buckets go on as fast as they came; gauges stay. */
function values({ name, value }: MetricSample, type: string | undefined): string {
  if (type === "histogram" || type === "counter")
    return `${value}+${value === 0 && !name.endsWith("_bucket") ? 1 : value}x${MINUTES}`;
  return `${value}x${MINUTES}`;
}

/** Recorded while only health checks came: what the generation routes show has the same names and labels. */
function withUserRoute(sample: MetricSample): readonly MetricSample[] {
  return sample.labels.route === "/healthz"
    ? [sample, { ...sample, labels: { ...sample.labels, route: TASKS.til.path } }]
    : [sample];
}

/** Series in promtool's notation: everything that was recorded, and `up` of each emitter. */
export function recordedSeries(step: Step): readonly { readonly series: string; readonly values: string }[] {
  const emitters = readdirSync(FOLDER).map((file) => basename(file, ".prom"));
  return emitters
    .filter((emitter) => JOBS[emitter]?.[step] !== "")
    .flatMap((emitter) => {
      const page = readFileSync(join(FOLDER, `${emitter}.prom`), "utf8");
      const types = new Map(
        [...page.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
      );
      const target = targetLabels(emitter, step);
      const samples = parsePrometheusText(page).flatMap(withUserRoute);
      return [...samples, ...MADE_BY_PROMETHEUS].map((sample) => ({
        series: seriesText({ ...sample, labels: { ...target, ...sample.labels } }),
        values: values(sample, types.get(sample.name) ?? types.get(sample.name.replace(/_(?:bucket|sum|count)$/, ""))),
      }));
    });
}
