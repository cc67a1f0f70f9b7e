import { LoggingMetric } from "@cdktf/provider-google/lib/logging-metric";
import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { MonitoringMetricDescriptor } from "@cdktf/provider-google/lib/monitoring-metric-descriptor";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { CloudAlerts, type CloudAlertsProps } from "../../constructs/observability/cloud-alerts";
import { cloudDashboardJson } from "../../constructs/observability/cloud-dashboard";
import { CustomMetricDescriptors } from "../../constructs/observability/custom-metric-descriptors";
import { ErrorLogMetric } from "../../constructs/observability/error-log-metric";
import { CUSTOM_METRICS } from "../../planning/custom-metrics";
import type { Template } from "../support/template";
import { templateOf } from "./stack-of";

const ALL: CloudAlertsProps = {
  name: "terrace-test",
  environment: "test",
  urlMap: "terrace-test-routes",
  errorMetric: "terrace-test-errors",
  machines: { llm: 2, monitoring: 1, qdrant: 0 },
  monitoringMachine: true,
  cluster: { name: "terrace-test-gke", namespace: "llm-serving" },
  jobs: ["terrace-test-backup", "terrace-test-watchdog"],
  databaseId: "project:terrace-test-postgres",
  channels: ["projects/p/notificationChannels/1"],
  labels: { environment: "test" },
  runbookUrl: "https://github.com/acme/terrace/blob/main/docs/runbooks/cloud-monitoring.md",
};

const policy = z.looseObject({
  display_name: z.string(),
  conditions: z.array(
    z.looseObject({
      condition_threshold: z.looseObject({ filter: z.string(), denominator_filter: z.string().optional() }),
    }),
  ),
  notification_channels: z.array(z.string()),
  documentation: z.looseObject({ links: z.array(z.looseObject({ url: z.string() })) }),
});
type Policy = z.output<typeof policy>;

function policiesOf(template: Template): readonly Policy[] {
  return template
    .resources(MonitoringAlertPolicy)
    .map(({ body }) => policy.parse(body))
    .sort((a, b) => a.display_name.localeCompare(b.display_name));
}

const filtersOf = ({ conditions }: Policy): string[] =>
  conditions.flatMap(({ condition_threshold: { filter, denominator_filter: below } }) =>
    below === undefined ? [filter] : [filter, below],
  );

const alerts = (changes: Partial<CloudAlertsProps> = {}) =>
  policiesOf(templateOf((scope) => new CloudAlerts(scope, "alerts", { ...ALL, ...changes })));

describe("CloudAlerts", () => {
  it("cover everything that Prometheus cannot report, each with its section of the runbook", () => {
    expect(
      alerts().map(({ display_name, documentation }) => [display_name, documentation.links[0]?.url.split("#")[1]]),
    ).toEqual([
      ["terrace-test: a job that runs by the clock failed", "job-failed"],
      ["terrace-test: machines are missing", "machines-missing"],
      ["terrace-test: many answers are errors", "server-errors"],
      ["terrace-test: many errors in logs", "errors-in-logs"],
      ["terrace-test: no gateway runs in the cluster", "cluster-gateways-missing"],
      ["terrace-test: PostgreSQL is down or its disk is full", "postgresql"],
      ["terrace-test: the cluster's monitoring is silent", "cluster-monitoring-silent"],
      ["terrace-test: the monitoring machine is silent", "monitoring-silent"],
    ]);
    for (const { notification_channels } of alerts()) expect(notification_channels).toEqual(ALL.channels);
  });

  it("watch nothing that the environment lacks", () => {
    const names = alerts({
      monitoringMachine: false,
      jobs: undefined,
      cluster: undefined,
      databaseId: undefined,
      machines: { llm: 1 },
    });
    expect(names.map(({ display_name }) => display_name)).toEqual([
      "terrace-test: machines are missing",
      "terrace-test: many answers are errors",
      "terrace-test: many errors in logs",
    ]);
  });

  it("treat missing data as a failure where it is one", () => {
    const text = (name: string) => JSON.stringify(alerts().find(({ display_name }) => display_name.includes(name)));
    for (const name of ["silent", "missing", "PostgreSQL"]) expect(text(name)).toContain("MISSING_DATA_ACTIVE");
    expect(text("answers are errors")).not.toContain("MISSING_DATA_ACTIVE");
  });

  it("name one kind of resource and one metric in each filter, as Cloud Monitoring wants it", () => {
    const filters = alerts().flatMap(filtersOf);
    expect(filters.length).toBeGreaterThan(10);
    for (const filter of filters) {
      expect(filter.match(/resource\.type = "[a-z0-9_]+"/g)).toHaveLength(1);
      expect(filter.match(/metric\.type = "[a-z0-9./_-]+"/g)).toHaveLength(1);
    }
  });

  it("count machines of this environment alone", () => {
    const machines = alerts().find(({ display_name }) => display_name.endsWith("machines are missing"));
    expect(machines && filtersOf(machines)).toEqual([
      expect.stringContaining('metadata.user_labels."environment" = "test" AND metadata.user_labels."role" = "llm"'),
      expect.stringContaining('metadata.user_labels."role" = "monitoring"'),
    ]);
  });
});

describe("metrics that alerts read", () => {
  const described = templateOf((scope) => {
    new CustomMetricDescriptors(scope, "custom");
    new ErrorLogMetric(scope, "errors", { name: "terrace-test-errors", namespace: "llm-serving" });
  });
  const ours = [
    ...described.resources(MonitoringMetricDescriptor).map(({ body }) => String(body.type)),
    ...described.resources(LoggingMetric).map(({ body }) => `logging.googleapis.com/user/${String(body.name)}`),
  ];
  const read = (texts: readonly string[]) =>
    texts.flatMap((text) => text.match(/(?:custom|logging)\.googleapis\.com\/[a-z0-9/_-]+/g) ?? []);

  it("are described in an earlier stack where they are custom", () => {
    const dashboard = cloudDashboardJson({ name: "x", urlMap: "y", errorMetric: "terrace-test-errors" });
    const wanted = read([...alerts().flatMap(filtersOf), dashboard]);
    expect(wanted.length).toBeGreaterThan(8);
    for (const metric of wanted) expect(ours).toContain(metric);
    const planted = read(alerts({ errorMetric: "terrace-other-errors" }).flatMap(filtersOf));
    expect(planted.filter((metric) => !ours.includes(metric))).not.toEqual([]);
  });

  it("have the labels that the collector writes", () => {
    described.expectResource(MonitoringMetricDescriptor, {
      type: CUSTOM_METRICS.ttftP95.type,
      metricKind: "GAUGE",
      valueType: "DOUBLE",
      labels: [{ key: "model_name" }],
    });
    described.expectCount(MonitoringMetricDescriptor, Object.keys(CUSTOM_METRICS).length);
  });
});

describe("ErrorLogMetric", () => {
  const [metric] = templateOf(
    (scope) => new ErrorLogMetric(scope, "errors", { name: "e", namespace: "llm-serving" }),
  ).resources(LoggingMetric);
  const filter = String(metric?.body.filter);
  /** The filter's regular expression over a line, out of its quotes. */
  const [, quoted = ""] = /jsonPayload\.message=~("(?:\\.|[^"\\])*")/.exec(filter) ?? [];
  const pattern = new RegExp(z.string().parse(JSON.parse(quoted)));

  it.each([
    ["pino's error", '{"level":50,"time":1,"msg":"engine gone"}', true],
    ["pino's fatal", '{"level":60,"time":1,"msg":"cannot listen"}', true],
    ["pino's information", '{"level":30,"time":1,"msg":"ERROR is a word"}', false],
    ["vLLM's error", "(APIServer pid=1) ERROR 11-21 10:00:00 [async_llm.py:1] engine died", true],
    ["vLLM's older form", "ERROR 11-21 10:00:00 [engine.py:1] died", true],
    ["vLLM's information", "INFO 11-21 10:00:00 [x.py:1] no ERROR here", false],
  ])("see %s", (_, line, expected) => {
    expect(pattern.test(line)).toBe(expected);
  });

  it("counts errors on machines and in the cluster", () => {
    expect(filter).toContain('log_id("cos_containers")');
    expect(filter).toContain('resource.type="k8s_container" AND resource.labels.namespace_name="llm-serving"');
  });
});

describe("CloudDashboard", () => {
  const dashboard = z
    .object({
      mosaicLayout: z.object({
        columns: z.literal(48),
        tiles: z.array(
          z.object({ xPos: z.int().default(0), yPos: z.int().default(0), width: z.int(), height: z.int() }),
        ),
      }),
    })
    .parse(JSON.parse(cloudDashboardJson({ name: "x", urlMap: "y", errorMetric: "z", databaseId: "p:d" })));

  it("lays its tiles beside each other", () => {
    const { tiles, columns } = dashboard.mosaicLayout;
    expect(tiles).toHaveLength(13);
    const cells = tiles.map(({ xPos, yPos }) => `${xPos} ${yPos}`);
    expect(new Set(cells).size).toBe(cells.length);
    for (const { xPos, width } of tiles) expect(xPos + width).toBeLessThanOrEqual(columns);
  });
});
