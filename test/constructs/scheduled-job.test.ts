import { CloudRunV2Job } from "@cdktf/provider-google/lib/cloud-run-v2-job";
import { CloudRunV2JobIamMember } from "@cdktf/provider-google/lib/cloud-run-v2-job-iam-member";
import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { describe, expect, it } from "@jest/globals";
import { readConfig } from "../../app/src/config/config";
import { ScheduledJob, type ScheduledJobProps } from "../../constructs/operations/scheduled-job";
import { Names } from "../../planning/names";
import { BACKUP_COMMAND, REHEARSAL_COMMAND } from "../../planning/scheduled-jobs";
import { backupRunner, backupVariables } from "../../settings/backups";
import { parseSettings } from "../../settings/schema";
import { settingsOf } from "../support/environments";
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

describe("backups", () => {
  const settings = settingsOf("production");
  const names = new Names(settings);

  it("are told what the app reads, and log in as themselves", () => {
    const variables = backupVariables(settings, names, "backup");
    const config = readConfig(variables);
    expect(new URL(config.stores.databaseUrl ?? "").username).toBe("production-backup%40terrace-production.iam");
    expect(variables.BACKUP_DESTINATION).toBe("gs://terrace-production-production-backups");
    expect(config.retrieval.qdrantUrl).toBe("http://qdrant.production.terrace.internal:6333");
  });

  it("run at one place only: outside the cluster, unless its own vectors are asked", () => {
    const input = { ...settings, kubernetes: settings.kubernetes && { ...settings.kubernetes, vectors: "cluster" } };
    expect(backupRunner(settings)).toBe("cloud-run");
    expect(backupRunner(parseSettings(input))).toBe("cluster");
    expect(backupRunner(settingsOf("demo"))).toBeUndefined();
    expect(() => backupVariables(settingsOf("demo"), new Names(settingsOf("demo")), "backup")).toThrow(
      "no shared stores",
    );
  });

  it("know whose embeddings they keep", () => {
    const embeddings = { url: "http://embed.internal:8080/v1", model: "jhgan/ko-sbert-multitask" };
    expect(backupVariables({ ...settings, embeddings }, names, "backup")).toMatchObject({
      EMBED_URL: embeddings.url,
      EMBED_MODEL: embeddings.model,
    });
  });

  it("are rehearsed within twice the hour that a restore may take", () => {
    expect(REHEARSAL_COMMAND.args).toEqual(["backup", "rehearse", "--rto-seconds", "3600"]);
    expect(REHEARSAL_COMMAND.timeoutSeconds).toBe(7200);
  });
});
