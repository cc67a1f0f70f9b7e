import { CloudRunV2Job } from "@cdktf/provider-google/lib/cloud-run-v2-job";
import { CloudRunV2JobIamMember } from "@cdktf/provider-google/lib/cloud-run-v2-job-iam-member";
import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { ComputeInstanceIamMember } from "@cdktf/provider-google/lib/compute-instance-iam-member";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { ScheduledJob, type ScheduledJobProps } from "../../constructs/operations/scheduled-job";
import { StopPermission } from "../../constructs/operations/stop-permission";
import { environmentOf } from "../../environment/environment";
import { WATCHDOG_PERMISSIONS } from "../../planning/ci-roles";
import { BACKUP_COMMAND } from "../../planning/scheduled-commands";
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

  it("is started at Seoul's hour by an account that may do that alone", () => {
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
  it("binds on each machine, and on nothing else", () => {
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

describe("OperationsStack, idle watchdog", () => {
  const watched = settingsOf("watched");
  const operations = (idleWatchdog: Settings["idleWatchdog"]) =>
    Template.ofStack(new OperationsStack(Testing.app(), environmentOf({ ...watched, idleWatchdog })));
  const argsOf = (template: Template) => JSON.stringify(template.resources(CloudRunV2Job).map(({ body }) => body));

  it("may stop machines only once its settings end the dry run", () => {
    const dry = operations(watched.idleWatchdog && { ...watched.idleWatchdog, dryRun: true });
    dry.expectCount(ComputeInstanceIamMember, 0);
    expect(argsOf(dry)).toContain("--dry-run");
    const wet = operations(watched.idleWatchdog);
    wet.expectCount(ComputeInstanceIamMember, 2);
    expect(argsOf(wet)).not.toContain("--dry-run");
  });

  it("looks for machines by labels that they have", () => {
    const vms = Template.ofStack(new VmServingStack(Testing.app(), environmentOf(watched)));
    const labels = argsOf(operations(watched.idleWatchdog)).match(/"--label","([a-z]+)=([a-z0-9]+)"/g) ?? [];
    expect(labels).toHaveLength(2);
    for (const name of ["llm-vm-1", "llm-vm-2"]) {
      vms.expectResource(ComputeInstance, { name, labels: { role: "llm", environment: "production" } });
    }
  });
});
