import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { Release } from "@cdktf/provider-helm/lib/release";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { dump, load } from "js-yaml";
import { alertmanagerSpec } from "../../../constructs/gke/observability/alertmanager-spec";
import { CUSTOM_METRIC_RECORDINGS, recordedName } from "../../../constructs/gke/observability/custom-metric-rules";
import { observabilityValues } from "../../../constructs/gke/observability/values";
import { OwnChartRelease } from "../../../constructs/gke/own-chart-release";
import { ALERT_ROUTING } from "../../../observability/alerts/routing";
import { METRIC_CONTRACT } from "../../../observability/metrics/contract";
import { ruleGroups } from "../../../observability/prometheus/rule-files";
import { CUSTOM_METRICS } from "../../../planning/custom-metrics";
import production from "../../../settings/environments/production";
import { parseSettings } from "../../../settings/parse";
import { describeWith, runTool } from "../../../testing/programs";
import { collectorSchema } from "../../constructs/collector-schema";
import { templateOf } from "../../constructs/stack-of";
import { blocksAt, type Json, type JsonObject, textAt, textsAt } from "../../support/json";
import { clusterSettings } from "../llm-serving/environments";
import { exampleValues, lint, OBSERVABILITY, render, renderText, tryTemplate } from "../llm-serving/helm";
import { kubeconform } from "../llm-serving/kubeconform";
import { hasSchemas } from "../llm-serving/kubernetes-schemas";
import { at, find, objectKind, objectName, ofKind, podTemplates } from "../llm-serving/manifests";
import { securityProblems } from "../llm-serving/pod-security";
import { observabilityOf } from "./release";

/** A stack is synthesized once, for all that look at its values. */
const productionValues = observabilityOf(clusterSettings("production"));
const quietValues = observabilityOf(parseSettings({ ...production, profile: "demo", alerts: {} }));

/** The documented set, and those that the stack makes of settings. */
const VALUES: readonly (readonly [string, () => JsonObject])[] = [
  ["ci/small.yaml", () => exampleValues("small.yaml", OBSERVABILITY)],
  ["production", () => productionValues],
  ["nobody to tell", () => quietValues],
];

describeWith(["helm"], "charts/observability", () => {
  it.each(VALUES)("passes helm lint with %s", (_, values) => {
    const { ok, output } = lint(values(), OBSERVABILITY);
    expect(ok ? "" : output).toBe("");
  });

  it("renders the listed objects", () => {
    const objects = render(productionValues, OBSERVABILITY).map(
      (object) => `${objectKind(object)} ${objectName(object)}`,
    );
    expect(objects).toEqual([...new Set(objects)]);
    expect(objects.filter((object) => !/^(?:PrometheusRule|ConfigMap dashboard)/.test(object)).sort()).toEqual([
      "AlertmanagerConfig terrace",
      "ConfigMap blackbox-exporter",
      "ConfigMap collector",
      "Deployment blackbox-exporter",
      "Deployment collector",
      "Probe site",
      "Service blackbox-exporter",
      "ServiceAccount blackbox-exporter",
      "ServiceAccount collector",
    ]);
  });

  it("renders the rules of the monitoring VM, byte for byte, and those for Cloud Monitoring", () => {
    const rendered = new Map<string, Json>(
      ofKind(render(productionValues, OBSERVABILITY), "PrometheusRule").flatMap((object) =>
        blocksAt(at(object, "spec"), "groups").map((group) => [textAt(group, "name") ?? "", group.rules ?? null]),
      ),
    );
    const runbooks = "https://github.com/terrace-llm/terrace/blob/main/docs/runbooks";
    for (const { name, rules } of ruleGroups(runbooks)) expect(rendered.get(name)).toEqual(rules);
    expect(rendered.size).toBe(ruleGroups(runbooks).length + 1);
  });

  it("renders dashboards for Grafana's sidecar, byte for byte", () => {
    const values = exampleValues("small.yaml", OBSERVABILITY);
    const dashboard = find(render(values, OBSERVABILITY), "ConfigMap", "dashboard-example");
    expect(at(dashboard, "metadata", "labels").grafana_dashboard).toBe("1");
    expect(at(dashboard, "data")["example.json"]).toBe('{"title":"{{model}} $${x}","uid":"example"}');
    expect(ofKind(render(productionValues, OBSERVABILITY), "ConfigMap").length).toBeGreaterThan(7);
  });

  it("renders pods that Pod Security admits", () => {
    const pods = podTemplates(render(productionValues, OBSERVABILITY));
    expect(pods).toHaveLength(2);
    expect(pods.flatMap(securityProblems)).toEqual([]);
  });

  it("rejects values that its schema does not define", () => {
    const values = exampleValues("small.yaml", OBSERVABILITY);
    for (const broken of [
      { ...values, rules: {} },
      { ...values, ruleGroups: { example: [{ expr: "up" }] } },
      { ...values, ruleGroups: { example: [{ alert: "A", record: "a", expr: "up" }] } },
      { ...values, dashboards: { "Not a name": "{}" } },
      { ...values, alertmanager: {} },
      { ...values, probe: { urls: ["http://plain.example.com/"] } },
    ]) {
      expect(tryTemplate(broken, OBSERVABILITY).ok).toBe(false);
      expect(observabilityValues.safeParse(broken).success).toBe(false);
    }
  });
});

it("OwnChartRelease escapes Terraform's interpolation in its values", () => {
  const template = templateOf((scope) => {
    new HelmProvider(scope, "helm");
    new KubernetesProvider(scope, "kubernetes");
    const values = { dashboards: { "a.json": "{{x}} $" + "{model} %" + "{if}" } };
    new OwnChartRelease(scope, "r", { chart: "observability", name: "o", namespace: "n", values, timeoutSeconds: 1 });
  });
  const [release] = template.resources(Release);
  expect(textsAt(release?.body ?? {}, "values")).toEqual([
    "dashboards:\n  a.json: '{{x}} $$" + "{model} %%" + "{if}'\n",
  ]);
});

/** What a person gets wrong → how to plant it in the manifests. */
const PLANTED: readonly (readonly [string, RegExp, string])[] = [
  ["a misspelt field of a rule", /\n {10}expr:/, "\n          expression:"],
  ["a matcher of another kind", /matchType: =\n/, "matchType: equals\n"],
  ["a password in place of a reference", /apiURL:\n\s+key: slack-webhook\n\s+name: alerting/, "apiURL: secret"],
  ["a probe of nothing", /static:\n\s+- https:[^\n]*\n(?:\s+- https:[^\n]*\n)*/, "static: []\n"],
  ["a misspelt field of a pod", /readinessProbe:/, "readyProbe:"],
];

describeWith(["helm", "kubeconform"], "kubeconform", checkedBySchemas, hasSchemas);

function checkedBySchemas(): void {
  let findings: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    const good = VALUES.map(([name, values]) => [name, renderText(values(), OBSERVABILITY)] as const);
    const manifests = renderText(productionValues, OBSERVABILITY);
    const broken = PLANTED.map(([name, planted, instead]) => [name, manifests.replace(planted, instead)] as const);
    for (const [name, text] of broken) if (text === manifests) throw new Error(`nothing to plant: ${name}`);
    findings = kubeconform(new Map([...good, ...broken]));
  });

  it.each(VALUES)("finds nothing wrong for Kubernetes 1.32 with %s", (name) => {
    expect(findings.get(name)).toEqual([]);
  });

  it.each(PLANTED)("finds %s", (name) => {
    expect(findings.get(name)).not.toEqual([]);
  });
}

describe("the collector's metrics for Cloud Monitoring", () => {
  const collector = blocksAt(productionValues, "collector")[0] ?? {};
  const config = collectorSchema.parse(load(textAt(collector, "config") ?? ""));

  it("are every custom metric, from the series that Prometheus records for it", () => {
    const statements = config.processors.transform.metric_statements.flatMap(({ statements: each }) => each);
    for (const metric of Object.values(CUSTOM_METRICS)) {
      expect(statements).toContain(`set(metric.name, "${metric.type}") where metric.name == "${recordedName(metric)}"`);
      expect(CUSTOM_METRIC_RECORDINGS.map(({ record }) => record)).toContain(recordedName(metric));
    }
  });

  it("keep the label model of the first token, by which the autoscaler selects", () => {
    const statements = config.processors.transform.metric_statements.flatMap(({ statements: each }) => each);
    expect(statements).toContain(
      'aggregate_on_attributes("max", ["model_name"]) where metric.name == "custom:vllm_ttft_p95_ms"',
    );
    expect(statements).toContain('aggregate_on_attributes("max", []) where metric.name == "custom:queue_length"');
  });

  it("are queried from Prometheus' own Service", () => {
    expect(config.receivers.prometheus.config.scrape_configs).toMatchObject([
      {
        metrics_path: "/federate",
        params: { "match[]": ['{__name__=~"custom:.+"}'] },
        static_configs: [{ targets: ["monitoring-prometheus:9090"] }],
      },
    ]);
  });

  it("use only metrics of the contract", () => {
    for (const { expression } of CUSTOM_METRIC_RECORDINGS) {
      for (const metric of expression.reads) expect(METRIC_CONTRACT).toContain(metric);
    }
  });
});

describe("AlertmanagerConfig", () => {
  const spec = alertmanagerSpec(ALERT_ROUTING, {
    slackChannel: "#a",
    mail: { smarthost: "smtp.example.com:587", from: "a@example.com", to: ["b@example.com"], username: "a" },
  });

  it("has the routes and receivers of the VMs", () => {
    expect(spec.route.routes.map(({ receiver }) => receiver)).toEqual(ALERT_ROUTING.routes.map(({ name }) => name));
    expect(spec.inhibitRules).toHaveLength(ALERT_ROUTING.inhibitions.length);
    const critical = spec.receivers.find(({ name }) => name === "critical");
    expect(critical).toMatchObject({ slackConfigs: [{ channel: "#a" }], emailConfigs: [{ to: "b@example.com" }] });
  });

  it("names its secrets and holds none", () => {
    expect(JSON.stringify(spec)).toContain('"authPassword":{"name":"alerting","key":"smtp-login"}');
    expect(JSON.stringify(spec)).toContain('"apiURL":{"name":"alerting","key":"slack-webhook"}');
  });
});

describeWith(["promtool"], "promtool", () => {
  /** Played by promtool: series of engines, gateways, GPUs and Alertmanager, and what is recorded of them. */
  function play(samples: Readonly<Record<string, number>>, series: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), "recordings-"));
    try {
      const rules = CUSTOM_METRIC_RECORDINGS.map(({ record, expression }) => ({ record, expr: expression.promql }));
      writeFileSync(join(folder, "rules.yaml"), dump({ groups: [{ name: "cloud-monitoring", rules }] }));
      const test = {
        rule_files: ["rules.yaml"],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            promql_expr_test: Object.entries(samples).map(([labels, value]) => ({
              expr: labels,
              eval_time: "10m",
              exp_samples: [{ labels, value }],
            })),
          },
        ],
      };
      writeFileSync(join(folder, "test.yaml"), dump(test));
      return runTool("promtool", ["test", "rules", join(folder, "test.yaml")]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  const engine = 'model_name="gemma",engine="0",pod="engine-0-a"';
  const SERIES = {
    [`vllm:num_requests_running{${engine}}`]: "4x15",
    [`vllm:num_requests_waiting{${engine}}`]: "5x15",
    [`vllm:generation_tokens_total{${engine}}`]: "0+6000x15",
    'gateway_queue_length{model="gemma",pod="gateway-a"}': "3x15",
    'gateway_queue_length{model="gemma",pod="gateway-b"}': "4x15",
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",pod="engine-0-a"}': "90x15",
    'DCGM_FI_DEV_GPU_UTIL{gpu="1",pod="engine-1-a"}': "30x15",
    'DCGM_FI_DEV_GPU_UTIL{gpu="2"}': "0x15",
    'DCGM_FI_DEV_FB_USED{gpu="0"}': "20000x15",
    'alertmanager_alerts{state="active"}': "1x15",
    'alertmanager_alerts{state="suppressed"}': "7x15",
  };
  const HEARD = {
    [`vllm:time_to_first_token_seconds_bucket{${engine},le="1"}`]: "0+0x15",
    [`vllm:time_to_first_token_seconds_bucket{${engine},le="2"}`]: "0+100x15",
    [`vllm:time_to_first_token_seconds_bucket{${engine},le="+Inf"}`]: "0+100x15",
    [`vllm:inter_token_latency_seconds_sum{${engine}}`]: "0+3x15",
    [`vllm:inter_token_latency_seconds_count{${engine}}`]: "0+100x15",
  };
  const COMMON = {
    "custom:queue_length": 7,
    "custom:queue_pending_requests": 12,
    "custom:gpu_usage_percent": 60,
    "custom:gpu_memory_used_gb": 20.97152,
    "custom:vllm_tps": 100,
    "custom:monitoring_active_alerts": 1,
  };

  it("records each metric in the unit that it has in Cloud Monitoring", () => {
    const traffic = { ...COMMON, 'custom:vllm_ttft_p95_ms{model_name="gemma"}': 1950, "custom:vllm_tpot_ms": 30 };
    expect(play(traffic, { ...SERIES, ...HEARD })).toMatchObject({ status: 0 });
  });

  it("records 0 in place of NaN for quantiles and means without traffic", () => {
    const still = Object.fromEntries(Object.keys(HEARD).map((name) => [name, "5x15"]));
    const idle = { ...COMMON, 'custom:vllm_ttft_p95_ms{model_name="gemma"}': 0, "custom:vllm_tpot_ms": 0 };
    expect(play(idle, { ...SERIES, ...still })).toMatchObject({ status: 0 });
  });

  it("fails on a planted wrong number", () => {
    expect(play({ ...COMMON, "custom:queue_length": 8 }, SERIES).status).not.toBe(0);
  });
});
