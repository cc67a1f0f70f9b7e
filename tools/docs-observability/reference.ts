import { PORTS } from "../../app/src/contract/endpoints";
import { ALERTS, RULE_GROUPS } from "../../observability/alerts/alert-catalogue";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { METRIC_CONTRACT } from "../../observability/metrics/contract";
import type { Emitter } from "../../observability/metrics/metric";
import { runbookFile } from "../../observability/rules/alert";
import { BURN_RATES } from "../../observability/slo/burn-rate";
import { OBJECTIVES, SLO_DAYS } from "../../observability/slo/objective";
import { FAILURES } from "./failure-matrix";

const NOTICE = "<!-- Made by `npm run docs:observability` from observability/ and tools/docs-observability/. -->";

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

const code = (text: string) => `\`${text}\``;
const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;

/** What a template of Prometheus stands for, in words. */
function plain(text: string): string {
  return text
    .replace(/\{\{ or \$labels\.pod \$labels\.instance \}\}/g, "*target*")
    .replace(/\{\{ (?:or )?\$labels\.(\w+)(?: \$labels\.\w+)* \}\}/g, "*$1*");
}

const EMITTERS: Readonly<Record<Emitter, string>> = {
  gateway: "The gateway",
  vllm: "vLLM",
  "dcgm-exporter": "NVIDIA's DCGM exporter",
  "node-exporter": "node-exporter",
  "kube-state-metrics": "kube-state-metrics (step 2)",
  kubelet: "The kubelet (step 2)",
  prometheus: "Prometheus",
  alertmanager: "Alertmanager",
  "blackbox-exporter": "blackbox exporter",
  qdrant: "Qdrant",
};

function metricTables(): string {
  const emitters = [...new Set(METRIC_CONTRACT.map(({ emitter }) => emitter))];
  return emitters
    .map((emitter) => {
      const rows = METRIC_CONTRACT.filter((metric) => metric.emitter === emitter).map((metric) => [
        code(metric.name),
        metric.type,
        metric.unit,
        metric.labels.map(code).join(", "),
        metric.help,
      ]);
      return `### ${EMITTERS[emitter]}\n${table(["metric", "type", "unit", "labels", "what it says"], rows)}`;
    })
    .join("\n\n");
}

function objectiveTable(): string {
  return table(
    ["objective", "target", "what counts"],
    OBJECTIVES.map(({ title, target, counts }) => [title, percent(target), counts]),
  );
}

function burnRateTable(): string {
  return table(
    ["times as fast as the budget allows", "over", "and still over", "severity"],
    BURN_RATES.map(({ factor, long, short, severity }) => [String(factor), long, short, severity]),
  );
}

function alertTable(runbooks: string): string {
  return table(
    ["alert", "severity", "what is wrong", "held for"],
    ALERTS.map((alert) => [
      `[${alert.name}](${runbooks}${runbookFile(alert)})`,
      alert.severity,
      plain(alert.summary),
      alert.for ?? "",
    ]),
  );
}

/** docs/observability.md */
export function observabilityReference(): string {
  const recorded = RULE_GROUPS.flatMap(({ recordings }) => recordings).length;
  return `${NOTICE}
# Observability

One typed source, \`observability/\`, for both steps: the monitoring VM gets its rules and dashboards as files, the cluster
through a chart. It holds ${METRIC_CONTRACT.length} metrics, ${OBJECTIVES.length} objectives, ${recorded} recorded series and ${ALERTS.length} alerts.
A metric or a label that nobody exposes does not compile; a test compares names, types and labels with what
the real programs showed (\`test/fixtures/metrics/recorded\`).

\`\`\`sh
npm run rules                                        # writes out/observability/{rules,tests}/*.yaml
promtool test rules out/observability/tests/*.yaml   # every alert fires, and stays quiet
npm run docs:observability                           # writes this page and the runbooks' index
npm run record:metrics -- gateway=http://localhost:${PORTS.gateway}/metrics
\`\`\`

## Objectives
Kept over ${SLO_DAYS} days. What is left of the budget is on the service dashboard.

${objectiveTable()}

An alert tells how fast the budget burns. The long window says that it matters, the short one that it still goes on; below
fifty events in the long window it stays silent. Source: SRE workbook, chapter 5.

${burnRateTable()}

## Alerts
\`critical\` goes to Slack and e-mail, \`warning\` to Slack. Each has a page: meaning, first look, fix, escalation; the index
with the failures that we know is [runbooks](runbooks/README.md).

${alertTable("runbooks/")}

### What silences what
${table(
  ["while this fires", "these are inhibited", "where they agree in", "why"],
  ALERT_ROUTING.inhibitions.map(({ source, target, equal, why }) => [
    source.map(matcher).join(", "),
    target.map(matcher).join(", "),
    equal.map(code).join(", "),
    why,
  ]),
)}

## Add an alert
1. The metric, where it is new: \`observability/metrics/\`, with its unit, labels and emitter; record it with \`npm run record:metrics\`.
2. The alert, in the file of its subject under \`observability/alerts/\`. Its condition is made of the metric by \`select\`,
   \`rate\`, \`above\` and so on. Group by what tells machines *and* pods apart (\`BY_TARGET\`).
3. At least one example on which it fires and one on which it stays quiet, each just beyond and just short of the
   threshold and of the time that it must hold: quiet ones are looked at all along, so that a blip counts.
4. Its page in \`docs/runbooks/\`, under the name that the test asks for; \`npm run docs:observability\`.
5. Does another alert already say it? \`observability/alerts/routing.ts\`.

What has gone wrong before, and is now held by a test: a counter asked for without \`_total\`; \`sum(up) == 0\` over targets
that are gone; a gauge whose dead engine goes up whenever it may be tried again; a pod that has no node, and so no
condition \`Ready\`; a code that an exporter keeps for ever; a notice shorter than the time to send a message; a series that
exists only from its first event on.

## Metric contract
Beside its own labels each series has those of its target: on VMs \`job\`, \`instance\` (the machine's name), \`group\`, \`zone\`;
in the cluster \`job\`, \`namespace\`, \`pod\`, \`node\`, and \`instance\` as an address. \`environment\` is on all of them.

${metricTables()}
`;
}

function matcher({ label, operator, value }: { label: string; operator: string; value: string }): string {
  if (operator === "!=" && value === "") return `has ${code(label)}`;
  return label === "alertname" ? value.split("|").join(", ") : code(`${label}${operator}${value}`);
}

/** docs/runbooks/README.md */
export function runbookIndex(): string {
  const page = (name: string) => {
    const alert = ALERTS.find((candidate) => candidate.name === name);
    if (alert === undefined) throw new Error(`there is no alert ${name}`);
    return `[${name}](${runbookFile(alert)})`;
  };
  return `${NOTICE}
# Runbooks

A page an alert: what it means, where to look first, how to mend it, whom to call. Names in commands are those of
\`production\`. Alerts of Cloud Monitoring, which go on when Prometheus does not, have [the front door](edge.md).
An apply that says that a release or a state is in use: [release-stuck](release-stuck.md).

Every page begins with the same look: step 1, \`npm run ops -- status\`; step 2, \`kubectl -n llm-serving get pods,hpa -o wide\`;
both, the dashboard *Service* in Grafana ([how to reach it](../guides/platform.md#look) in the cluster;
\`gcloud compute start-iap-tunnel terrace-production-monitoring 3000 --zone asia-northeast3-b --local-host-port=localhost:3000\` on step 1).

## What can be lost
${table(
  ["lost", "users see", "alerts", "by itself", "played by"],
  FAILURES.map(({ what, users, alerts, answer, tests }) => [
    what,
    users,
    alerts.map(page).join(", "),
    answer,
    tests.map((test) => `[${test.split("/").slice(-2).join("/")}](../../${test})`).join(", "),
  ]),
)}

## Every alert
${alertTable("")}
`;
}
