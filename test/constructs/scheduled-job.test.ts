import { CloudRunV2Job } from "@cdktf/provider-google/lib/cloud-run-v2-job";
import { CloudRunV2JobIamMember } from "@cdktf/provider-google/lib/cloud-run-v2-job-iam-member";
import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { ComputeInstanceIamMember } from "@cdktf/provider-google/lib/compute-instance-iam-member";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { readConfig } from "../../app/src/config/config";
import { ScheduledJob, type ScheduledJobProps } from "../../constructs/operations/scheduled-job";
import { StopPermission } from "../../constructs/operations/stop-permission";
import { backupRunner, backupVariables } from "../../environment/backups";
import { environmentOf } from "../../environment/environment";
import { WATCHDOG_PERMISSIONS } from "../../planning/ci-roles";
import { BACKUP_COMMAND, REHEARSAL_COMMAND, watchdogRun } from "../../planning/scheduled-commands";
import { parseSettings } from "../../settings/parse";
import type { Settings } from "../../settings/schema/settings";
import { OperationsStack } from "../../stacks/operations";
import { VmServingStack } from "../../stacks/vm-serving";
import { settingsOf } from "../support/environments";
import { Template } from "../support/template";
import { templateOf } from "./stack-of";

const props: ScheduledJobProps = {
  name: "terrace-test-backup",
  project: "acme",
  region: "asia-northeast3",
  description: "Backup.",
  image: { repository: "asia-northeast3-docker.pkg.dev/acme/terrace/app", digest: `sha256:${"a".repeat(64)}` },
  command: BACKUP_COMMAND,
  timeZone: "Asia/Seoul",
  env: { B: "2", A: "1" },
  account: "backup@acme.iam.gserviceaccount.com",
  starter: "scheduler@acme.iam.gserviceaccount.com",
  network: { network: "projects/acme/global/networks/n", subnetwork: "projects/acme/regions/r/subnetworks/s" },
  folders: [{ bucket: "acme-authorities", path: "/etc/terrace/authorities" }],
};
const template = () => templateOf((scope) => new ScheduledJob(scope, "backup", props));

describe("ScheduledJob", () => {
  it("runs the command as its own account, with every packet through the subnet", () => {
    template().expectResource(CloudRunV2Job, {
      deletionProtection: false,
      template: {
        template: {
          serviceAccount: props.account,
          timeout: "3600s",
          containers: [
            {
              image: `asia-northeast3-docker.pkg.dev/acme/terrace/app@sha256:${"a".repeat(64)}`,
              args: ["backup", "create"],
              env: [
                { name: "A", value: "1" },
                { name: "B", value: "2" },
              ],
              volumeMounts: [{ name: "acme-authorities", mountPath: "/etc/terrace/authorities" }],
            },
          ],
          volumes: [{ name: "acme-authorities", gcs: { bucket: "acme-authorities", readOnly: true } }],
          vpcAccess: { egress: "ALL_TRAFFIC" },
        },
      },
    });
  });

  it("is started by the clock at Seoul's hour, by an account that may do that alone", () => {
    const one = template();
    one.expectResource(CloudSchedulerJob, {
      schedule: "0 2 * * *",
      timeZone: "Asia/Seoul",
      httpTarget: {
        httpMethod: "POST",
        uri: "https://run.googleapis.com/v2/projects/acme/locations/asia-northeast3/jobs/terrace-test-backup:run",
        oauthToken: { serviceAccountEmail: props.starter },
      },
    });
    one.expectCount(CloudRunV2JobIamMember, 1);
    one.expectResource(CloudRunV2JobIamMember, {
      role: "roles/run.invoker",
      member: `serviceAccount:${props.starter}`,
    });
  });
});

describe("StopPermission", () => {
  it("is on each machine, and on nothing else", () => {
    const template = templateOf(
      (scope) =>
        new StopPermission(scope, "stop", {
          project: "acme",
          account: "watchdog@acme.iam.gserviceaccount.com",
          customRole: "terrace_test_watchdog",
          machines: [{ name: "llm-vm-1", zone: "asia-northeast3-a" }],
        }),
    );
    template.expectResource(ComputeInstanceIamMember, {
      instanceName: "llm-vm-1",
      zone: "asia-northeast3-a",
      role: "projects/acme/roles/terrace_test_watchdog",
      member: "serviceAccount:watchdog@acme.iam.gserviceaccount.com",
    });
    expect(WATCHDOG_PERMISSIONS).toEqual(["compute.instances.stop"]);
  });
});

describe("the idle watchdog", () => {
  const watched = settingsOf("watched");
  const operations = (idleWatchdog: Settings["idleWatchdog"]) =>
    Template.ofStack(new OperationsStack(Testing.app(), environmentOf({ ...watched, idleWatchdog })));
  const argsOf = (template: Template) => JSON.stringify(template.resources(CloudRunV2Job).map(({ body }) => body));

  it("is told by its settings what is idle, and whom it may look at", () => {
    const limits = { everyMinutes: 10, checks: 5, gpuPercent: 5, minUptimeSeconds: 600, floor: 1, dryRun: false };
    const command = watchdogRun(limits, {
      prometheus: "http://monitoring.test.terrace.internal:9090",
      project: "acme",
      gatewayPort: 9000,
      labels: { role: "llm", environment: "test" },
    });
    expect(command.args.join(" ")).toBe(
      "watchdog --prometheus http://monitoring.test.terrace.internal:9090 --project acme --label role=llm --label environment=test " +
        "--gateway-port 9000 --floor 1 --checks 5 --every-seconds 60 --gpu-percent 5 --min-uptime-seconds 600",
    );
    expect(command.schedule).toBe("*/10 * * * *");
    expect(command.timeoutSeconds).toBeLessThan(600);
  });

  it("may stop machines only once it is asked to", () => {
    const dry = operations(watched.idleWatchdog && { ...watched.idleWatchdog, dryRun: true });
    dry.expectCount(ComputeInstanceIamMember, 0);
    expect(argsOf(dry)).toContain("--dry-run");
    const wet = operations(watched.idleWatchdog);
    wet.expectCount(ComputeInstanceIamMember, 2);
    expect(argsOf(wet)).not.toContain("--dry-run");
  });

  it("is told the same of machines as the labels that they have", () => {
    const vms = Template.ofStack(new VmServingStack(Testing.app(), environmentOf(watched)));
    const labels = argsOf(operations(watched.idleWatchdog)).match(/"--label","([a-z]+)=([a-z0-9]+)"/g) ?? [];
    expect(labels).toHaveLength(2);
    for (const name of ["llm-vm-1", "llm-vm-2"]) {
      vms.expectResource(ComputeInstance, { name, labels: { role: "llm", environment: "production" } });
    }
  });
});

describe("backups", () => {
  const settings = settingsOf("production");
  const environment = environmentOf(settings);

  it("are told what the app reads, and log in as themselves", () => {
    const variables = backupVariables(environment, "backup");
    const config = readConfig(variables);
    expect(new URL(config.stores.databaseUrl ?? "").username).toBe("production-backup%40terrace-production.iam");
    expect(variables.BACKUP_DESTINATION).toBe("gs://terrace-production-production-backups");
    expect(config.retrieval.qdrantUrl).toBe("http://qdrant.production.terrace.internal:6333");
  });

  it("run at one place only: outside the cluster, unless its own vectors are asked", () => {
    const input = {
      ...settings,
      kubernetes: settings.kubernetes && { ...settings.kubernetes, vectorStore: "cluster" },
    };
    expect(backupRunner(environment)).toBe("cloud-run");
    expect(backupRunner(environmentOf(parseSettings(input)))).toBe("cluster");
    expect(backupRunner(environmentOf(settingsOf("demo")))).toBeUndefined();
    expect(() => backupVariables(environmentOf(settingsOf("demo")), "backup")).toThrow("no shared stores");
  });

  it("know whose embeddings they keep", () => {
    const embeddings = {
      url: "http://embed.internal:8080/v1",
      model: "jhgan/ko-sbert-multitask",
      range: "10.40.0.0/28",
    };
    expect(backupVariables(environmentOf({ ...settings, embeddings }), "backup")).toMatchObject({
      EMBED_URL: embeddings.url,
      EMBED_MODEL: embeddings.model,
    });
  });

  it("are rehearsed within twice the hour that a restore may take", () => {
    expect(REHEARSAL_COMMAND.args).toEqual(["backup", "rehearse", "--rto-seconds", "3600"]);
    expect(REHEARSAL_COMMAND.timeoutSeconds).toBe(7200);
  });
});
