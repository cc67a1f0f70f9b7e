import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import {
  type CollectorConfigProps,
  collectorConfig,
  heartbeatScrape,
  machineScrapes,
} from "../../constructs/observability/collector-config";
import { METRIC_CONTRACT } from "../../observability/metrics/contract";
import { CUSTOM_METRICS } from "../../planning/custom-metrics";
import { type CollectorConfig, collectorSchema } from "./collector-schema";

const MACHINE: CollectorConfigProps = {
  project: "terrace-test",
  intervalSeconds: 60,
  scrapes: machineScrapes(8001, 9400),
  resource: { kind: "machine" },
};

const parsed = (props: CollectorConfigProps): CollectorConfig => collectorSchema.parse(load(collectorConfig(props)));
const statementsOf = (config: CollectorConfig) =>
  config.processors.transform.metric_statements.flatMap(({ statements }) => statements);

/** What comes out, by name, and the gauge that it is made of. */
function renamed(config: CollectorConfig): ReadonlyMap<string, string> {
  const pairs = statementsOf(config).flatMap((statement) => {
    const [, to, from] = /^set\(metric\.name, "([^"]+)"\) where metric.name == "([^"]+)"$/.exec(statement) ?? [];
    return to === undefined || from === undefined ? [] : [[to, from] as const];
  });
  return new Map(pairs);
}

describe("collectorConfig, machine", () => {
  const config = parsed(MACHINE);

  it("exports the seven metrics of R-89 by the names that autoscalers read, and no other", () => {
    const { heartbeat, ...serving } = CUSTOM_METRICS;
    expect([...renamed(config).keys()].sort()).toEqual(
      Object.values(serving)
        .map(({ type }) => type)
        .sort(),
    );
    expect(heartbeat.type).toBe("custom.googleapis.com/monitoring/active_alerts");
    expect(config.processors.filter.metrics.metric).toEqual(['not IsMatch(name, "^custom\\\\.googleapis\\\\.com/")']);
  });

  it("makes each of a gauge of the contract that is scraped", () => {
    const kept = config.receivers.prometheus.config.scrape_configs.flatMap(({ metric_relabel_configs }) =>
      metric_relabel_configs.flatMap(({ source_labels, regex }) =>
        source_labels.includes("__name__") ? regex.split("|") : [],
      ),
    );
    for (const from of renamed(config).values()) {
      expect(kept).toContain(from);
      expect(METRIC_CONTRACT.find(({ name }) => name === from)?.type).toBe("gauge");
    }
    expect(kept).toHaveLength(renamed(config).size);
  });

  it("reduces each to one series a machine, which an autoscaler would otherwise sum", () => {
    const reduced = statementsOf(config).filter((statement) => statement.startsWith("aggregate_on_attributes"));
    expect(reduced).toHaveLength(7);
    expect(config.exporters.googlecloud.metric).toMatchObject({
      service_resource_labels: false,
      instrumentation_library_labels: false,
    });
  });

  it("converts seconds to milliseconds and MiB to GB, as numbers that the collector reads as such", () => {
    const scaled = statementsOf(config).filter((statement) => statement.startsWith("scale_metric"));
    expect(scaled).toEqual([
      'scale_metric(1000.0) where metric.name == "gateway_recent_ttft_p95_seconds"',
      'scale_metric(1000.0) where metric.name == "gateway_recent_tpot_seconds"',
      'scale_metric(0.001048576) where metric.name == "DCGM_FI_DEV_FB_USED"',
    ]);
  });

  it("pushes at the interval of the settings", () => {
    const every = (intervalSeconds: number) =>
      parsed({ ...MACHINE, intervalSeconds }).receivers.prometheus.config.scrape_configs.map(
        ({ scrape_interval }) => scrape_interval,
      );
    expect(every(60)).toEqual(["60s", "60s"]);
    expect(every(15)).toEqual(["15s", "15s"]);
  });
});

describe("collectorConfig, monitoring and cluster", () => {
  it("counts only the alerts that Alertmanager holds as active", () => {
    const config = parsed({ ...MACHINE, scrapes: [heartbeatScrape("127.0.0.1:9093")] });
    expect([...renamed(config)]).toEqual([[CUSTOM_METRICS.heartbeat.type, "alertmanager_alerts"]]);
    expect(config.receivers.prometheus.config.scrape_configs[0]?.metric_relabel_configs).toContainEqual({
      source_labels: ["state"],
      regex: "active",
      action: "keep",
    });
  });

  it("writes a cluster's series on the cluster, by name, without a metadata server", () => {
    const config = parsed({
      ...MACHINE,
      resource: { kind: "cluster", name: "terrace-production-gke", location: "asia-northeast3" },
      healthAddress: "0.0.0.0:13133",
    });
    expect(statementsOf(config)).toContain('set(resource.attributes["k8s.cluster.name"], "terrace-production-gke")');
    expect(config.processors.resourcedetection).toBeUndefined();
    expect(config.service.extensions).toEqual(["health_check"]);
  });
});

/** What a person gets wrong → how to plant it. */
const PLANTED: readonly (readonly [string, RegExp, string])[] = [
  ["a misspelt option", /skip_create_descriptor/, "skip_create_descriptors"],
  ["an integer for a factor", /scale_metric\(1000\.0\)/, "scale_metric(1000)"],
  [
    "a name outside custom.googleapis.com",
    /custom\.googleapis\.com\/queue\/length/,
    "workload.googleapis.com/queue/length",
  ],
  ["a reduction that there is none of", /aggregate_on_attributes\("sum"/, 'aggregate_on_attributes("p95"'],
  ["a timeout above the interval", /scrape_interval: 60s/, "scrape_interval: 5s"],
  ["a target without a port", /127\.0\.0\.1:8001/, "127.0.0.1"],
  ["a processor that is used nowhere", /- filter\n/, ""],
];

describe("the collector's schema", () => {
  it.each(PLANTED)("reports %s", (_, planted, instead) => {
    const text = collectorConfig(MACHINE);
    expect(text.replace(planted, instead)).not.toBe(text);
    expect(collectorSchema.safeParse(load(text.replace(planted, instead))).success).toBe(false);
  });
});
