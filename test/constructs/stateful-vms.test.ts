import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { describe, expect, it } from "@jest/globals";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { load } from "js-yaml";
import { z } from "zod";
import { MAX_METADATA_VALUE_BYTES } from "../../constructs/compute/boot/cloud-config";
import { qdrantUserData } from "../../constructs/data/qdrant-user-data";
import { QdrantVm } from "../../constructs/data/qdrant-vm";
import { type MonitoringContent, monitoringUserData } from "../../constructs/observability/monitoring-user-data";
import { MonitoringVm } from "../../constructs/observability/monitoring-vm";
import { allRequired, parseCommand, parseUserData, service } from "../boot/unit-file";
import { Template } from "../support/template";

/** What the tests read of it. */
const prometheusConfig = z.object({ scrape_configs: z.array(z.looseObject({ job_name: z.string() })) });

const IMAGE = { repository: "asia-northeast3-docker.pkg.dev/p/docker-hub/image", tag: "v1" };
const MACHINE = {
  name: "terrace-test-box",
  zone: "asia-northeast3-a",
  machineType: "e2-standard-2",
  diskGb: 50,
  subnetwork: "projects/p/regions/asia-northeast3/subnetworks/terrace-test-serving",
  serviceAccountEmail: "test-box@p.iam.gserviceaccount.com",
  environment: "test",
};
const MONITORING: MonitoringContent = {
  images: { prometheus: IMAGE, alertmanager: IMAGE, grafana: IMAGE },
  project: "terrace-test",
  scrapeZones: ["asia-northeast3-a", "asia-northeast3-b"],
  environment: "test",
  appPort: 8001,
  retentionDays: 30,
  diskGb: 50,
  grafanaPasswordSecret: "terrace-test-grafana-admin",
};

function synthesize(add: (scope: Construct) => unknown): Template {
  const stack = new TerraformStack(new App(), "test");
  new GoogleProvider(stack, "google", { project: "p" });
  add(stack);
  return Template.ofStack(stack);
}

describe.each<[string, string, (scope: Construct, deletionProtection: boolean) => unknown]>([
  [
    "QdrantVm",
    "qdrant",
    (scope, deletionProtection) => new QdrantVm(scope, "vm", { ...MACHINE, image: IMAGE, deletionProtection }),
  ],
  [
    "MonitoringVm",
    "monitoring",
    (scope, deletionProtection) => new MonitoringVm(scope, "vm", { ...MACHINE, ...MONITORING, deletionProtection }),
  ],
])("%s", (_, role, add) => {
  it("keeps its data on a disk of its own, attached by the name that the boot script looks for", () => {
    const template = synthesize((scope) => add(scope, true));
    template.expectResource(ComputeDisk, {
      name: "terrace-test-box-data",
      size: 50,
      type: "pd-balanced",
      lifecycle: { preventDestroy: true },
    });
    const vm = template.expectResource(ComputeInstance, {
      deletionProtection: true,
      labels: { role, environment: "test" },
      attachedDisk: [{ deviceName: "data" }],
      shieldedInstanceConfig: { enableSecureBoot: true },
    });
    expect(JSON.stringify(vm.body)).not.toContain("access_config");
  });

  it("can be taken down where it is not protected", () => {
    synthesize((scope) => add(scope, false)).expectResource(ComputeDisk, { lifecycle: { preventDestroy: false } });
  });
});

describe("user data of the Qdrant VM", () => {
  const content = parseUserData(qdrantUserData(IMAGE));

  it("starts Qdrant on the mounted disk only, and lets it write nowhere else", () => {
    expect(allRequired(content, "terrace-qdrant.service")).toContain("terrace-data-disk.service");
    const words = parseCommand(service(content.units["terrace-qdrant.service"], "ExecStart"));
    expect(words).toContain("--read-only");
    const volumes = words.filter((word) => word.startsWith("--volume="));
    expect(volumes.length).toBeGreaterThan(0);
    for (const volume of volumes) expect(volume).toMatch(/^--volume=\/mnt\/disks\/data\//);
  });

  it("opens Qdrant's port", () => {
    expect(content.files["/etc/terrace/boot.env"]).toContain('OPEN_PORTS="6333"\n');
  });
});

describe("user data of the monitoring VM", () => {
  const content = parseUserData(monitoringUserData(MONITORING));
  const jobs = (monitoring: MonitoringContent) => {
    const { files } = parseUserData(monitoringUserData(monitoring));
    return prometheusConfig.parse(load(files["/etc/terrace/prometheus/prometheus.yml"] ?? "")).scrape_configs;
  };

  it("discovers the GPU VMs of its environment in every zone, on each port", () => {
    for (const [job, port] of [
      ["gateway", 8001],
      ["dcgm", 9400],
      ["node", 9100],
    ]) {
      expect(jobs(MONITORING)).toContainEqual(
        expect.objectContaining({
          job_name: job,
          metrics_path: "/metrics",
          gce_sd_configs: MONITORING.scrapeZones.map((zone) => ({
            project: "terrace-test",
            zone,
            filter: '(labels.role = "llm") (labels.environment = "test")',
            port,
          })),
        }),
      );
    }
  });

  it("watches Qdrant where there is one", () => {
    const names = (monitoring: MonitoringContent) => jobs(monitoring).map(({ job_name }) => job_name);
    expect(names(MONITORING)).not.toContain("qdrant");
    expect(names({ ...MONITORING, qdrantHost: "qdrant.test.terrace.internal" })).toContain("qdrant");
  });

  it("starts Grafana with a password from Secret Manager only", () => {
    expect(allRequired(content, "terrace-grafana.service")).toContain("terrace-secrets.service");
    expect(content.files["/etc/terrace/containers/grafana.env"]).toContain(
      "GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana-admin\n",
    );
    expect(content.files["/etc/terrace/boot.env"]).toContain('SECRETS="grafana-admin:472:terrace-test-grafana-admin"');
  });

  it("opens Grafana's port for IAP, and keeps Prometheus and Alertmanager on loopback", () => {
    expect(content.files["/etc/terrace/boot.env"]).toContain('OPEN_PORTS="3000"\n');
    for (const [name, port] of [
      ["prometheus", 9090],
      ["alertmanager", 9093],
    ]) {
      const words = parseCommand(service(content.units[`terrace-${name}.service`], "ExecStart"));
      expect(words).toContain(`--web.listen-address=127.0.0.1:${port}`);
    }
  });

  it("waits for Slack's webhook only where alerts go to Slack", () => {
    const slack = { channel: "#llm-alerts", webhookSecret: "terrace-test-slack-webhook" };
    const alerting = parseUserData(monitoringUserData({ ...MONITORING, slack }));
    expect(allRequired(content, "terrace-alertmanager.service")).not.toContain("terrace-secrets.service");
    expect(allRequired(alerting, "terrace-alertmanager.service")).toContain("terrace-secrets.service");
    expect(alerting.files["/etc/terrace/alertmanager/alertmanager.yml"]).toContain(
      "api_url_file: /run/secrets/slack-webhook",
    );
  });

  it("refuses more than a metadata value holds, naming the largest file", () => {
    const dashboards = { "huge.json": "x".repeat(MAX_METADATA_VALUE_BYTES) };
    expect(() => monitoringUserData({ ...MONITORING, dashboards })).toThrow(
      /user data takes \d+ bytes, metadata holds 262144; the largest files are \/etc\/terrace\/grafana\/dashboards\/huge\.json/,
    );
  });
});
