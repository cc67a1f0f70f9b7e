import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { describe, expect, it } from "@jest/globals";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { load } from "js-yaml";
import { z } from "zod";
import { MAX_METADATA_VALUE_BYTES } from "../../constructs/compute/boot/cloud-config";
import { configMetadata, MAX_METADATA_BYTES } from "../../constructs/compute/boot/config-files";
import { qdrantUserData } from "../../constructs/data/qdrant-user-data";
import { QdrantVm } from "../../constructs/data/qdrant-vm";
import type { MonitoringContent } from "../../constructs/observability/monitoring-content";
import { monitoringFiles } from "../../constructs/observability/monitoring-files";
import { monitoringUserData } from "../../constructs/observability/monitoring-user-data";
import { MonitoringVm } from "../../constructs/observability/monitoring-vm";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
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
  images: {
    prometheus: IMAGE,
    alertmanager: IMAGE,
    grafana: IMAGE,
    blackboxExporter: IMAGE,
    nodeExporter: IMAGE,
    collector: IMAGE,
  },
  routing: ALERT_ROUTING,
  pushSeconds: 60,
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

  it("can be destroyed where it is not protected", () => {
    synthesize((scope) => add(scope, false)).expectResource(ComputeDisk, { lifecycle: { preventDestroy: false } });
  });
});

describe("qdrantUserData", () => {
  const content = parseUserData(qdrantUserData(IMAGE));

  it("starts Qdrant on the mounted disk only, which alone it may write", () => {
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

describe("monitoringUserData", () => {
  const content = parseUserData(monitoringUserData(MONITORING));
  const jobs = (monitoring: MonitoringContent) =>
    prometheusConfig.parse(load(monitoringFiles(monitoring)["prometheus/prometheus.yml"] ?? "")).scrape_configs;

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

  it("scrapes Qdrant where there is one", () => {
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
    expect(monitoringFiles({ ...MONITORING, slack })["alertmanager/alertmanager.yml"]).toContain(
      "api_url_file: /run/secrets/slack-webhook",
    );
  });

  it("waits for the mail server's password only where it has a user name", () => {
    const mail = {
      smarthost: "smtp.example.com:587",
      from: "a@example.com",
      to: ["b@example.com"],
      passwordSecret: "p",
    };
    const units = (content: MonitoringContent) =>
      allRequired(parseUserData(monitoringUserData(content)), "terrace-alertmanager.service");
    expect(units({ ...MONITORING, mail })).not.toContain("terrace-secrets.service");
    const login = { ...mail, username: "a@example.com" };
    expect(units({ ...MONITORING, mail: login })).toContain("terrace-secrets.service");
    expect(parseUserData(monitoringUserData({ ...MONITORING, mail: login })).files["/etc/terrace/boot.env"]).toContain(
      "smtp-login:65534:p",
    );
    expect(monitoringFiles({ ...MONITORING, mail: login })["alertmanager/alertmanager.yml"]).toContain(
      "auth_password_file: /run/secrets/smtp-login",
    );
  });

  it("probes the public name only where there is one", () => {
    const probed = { ...MONITORING, probeUrl: "https://llm.example.com/healthz" };
    expect(jobs(MONITORING).map(({ job_name }) => job_name)).not.toContain("probe");
    expect(jobs(probed)).toContainEqual(
      expect.objectContaining({
        job_name: "probe",
        static_configs: [{ targets: ["https://llm.example.com/healthz"] }],
      }),
    );
    expect(content.units).not.toHaveProperty(["terrace-blackbox-exporter.service"]);
    expect(parseUserData(monitoringUserData(probed)).units).toHaveProperty(["terrace-blackbox-exporter.service"]);
  });

  it("starts no container before its configuration is written, and signals every one that reads it", () => {
    const containers = Object.keys(content.units).filter((name) => {
      const [command = ""] = content.units[name]?.Service?.ExecStart ?? [];
      return /^\/usr\/bin\/docker\s+run\s/.test(command);
    });
    expect(containers).toHaveLength(5);
    for (const name of containers) expect(allRequired(content, name)).toContain("terrace-config.service");
    expect(content.files["/etc/terrace/boot.env"]).toContain(
      'CONFIG_READERS="terrace-prometheus terrace-alertmanager terrace-blackbox-exporter terrace-collector"\n',
    );
  });
});

describe("configMetadata", () => {
  const files = { "prometheus/rules/gpu.yaml": "groups: []\n", "grafana/dashboards/llm.json": "{}" };

  it("is a key for each file and an index of them", () => {
    expect(configMetadata(files, 0)).toEqual({
      "config-files":
        "config-grafana-dashboards-llm-json grafana/dashboards/llm.json\n" +
        "config-prometheus-rules-gpu-yaml prometheus/rules/gpu.yaml\n",
      "config-grafana-dashboards-llm-json": "{}",
      "config-prometheus-rules-gpu-yaml": "groups: []\n",
    });
  });

  it.each(["../passwd", "/etc/passwd", "a/../../b", "Rules.yaml", ""])("throws for the path %j", (path) => {
    expect(() => configMetadata({ [path]: "" }, 0)).toThrow("cannot be the path of a configuration file");
  });

  it("throws for two files that would have one key", () => {
    expect(() => configMetadata({ "a/b": "1", "a.b": "2" }, 0)).toThrow("has the key of another (config-a-b)");
  });

  it("throws for more than metadata holds, in one file or in all, naming the largest", () => {
    const huge = { "grafana/dashboards/huge.json": "x".repeat(MAX_METADATA_VALUE_BYTES + 1) };
    expect(() => configMetadata(huge, 0)).toThrow(/the largest are config-grafana-dashboards-huge-json \(262145\)/);
    expect(() => configMetadata(files, MAX_METADATA_BYTES)).toThrow("metadata holds 524288");
  });

  it("escapes what Terraform would read as templates", () => {
    const dashboards = { "a.json": '{"expr":"rate(x[$__rate_interval]) $' + '{model}"}' };
    const template = synthesize((scope) => new MonitoringVm(scope, "vm", { ...MACHINE, ...MONITORING, dashboards }));
    const [vm] = template.resources(ComputeInstance);
    expect(JSON.stringify(vm?.body)).toContain("[$__rate_interval]) $${model}");
  });
});
