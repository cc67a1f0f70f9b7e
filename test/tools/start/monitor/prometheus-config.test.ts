import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { ruleFiles } from "../../../../observability/prometheus/rule-files";
import { describeWith, runTool } from "../../../../testing/programs";
import { localPrometheusConfig } from "../../../../tools/start/monitor/prometheus-config";

const config = (rulesFolder: string) =>
  localPrometheusConfig({
    targets: [
      { job: "gateway", instance: "localhost", address: "127.0.0.1:8001", path: "/metrics" },
      { job: "vllm", instance: "engine-1", address: "127.0.0.1:8100" },
      { job: "vllm", instance: "engine-2", address: "127.0.0.1:8101" },
    ],
    alertmanager: "127.0.0.1:9093",
    rulesFolder,
    interval: "15s",
  });

describe("localPrometheusConfig", () => {
  it("makes one job for each name, and targets under the instance names that rules use", () => {
    expect(load(config("/rules"))).toMatchObject({
      scrape_configs: [
        { job_name: "gateway", static_configs: [{ labels: { instance: "localhost", __metrics_path__: "/metrics" } }] },
        {
          job_name: "vllm",
          static_configs: [
            { targets: ["127.0.0.1:8100"], labels: { instance: "engine-1" } },
            { targets: ["127.0.0.1:8101"], labels: { instance: "engine-2" } },
          ],
        },
      ],
    });
  });
});

describeWith(["promtool"], "promtool check config", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "terrace-local-"));
    mkdirSync(join(folder, "rules"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("accepts the configuration with the product's rules", () => {
    for (const [name, yaml] of Object.entries(ruleFiles("docs/runbooks"))) {
      writeFileSync(join(folder, "rules", name), yaml);
    }
    writeFileSync(join(folder, "prometheus.yml"), config(join(folder, "rules")));
    const { status, output } = runTool("promtool", ["check", "config", join(folder, "prometheus.yml")]);
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
  });
});
