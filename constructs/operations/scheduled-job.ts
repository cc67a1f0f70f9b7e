import { CloudRunV2Job } from "@cdktf/provider-google/lib/cloud-run-v2-job";
import { CloudRunV2JobIamMember } from "@cdktf/provider-google/lib/cloud-run-v2-job-iam-member";
import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { Construct } from "constructs";
import { type ImageReference, imageUri } from "../../planning/images";
import type { ScheduledCommand } from "../../planning/scheduled-commands";

export interface ScheduledJobProps {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  readonly description: string;
  readonly image: ImageReference;
  readonly command: ScheduledCommand;
  readonly timeZone: string;
  readonly env: Readonly<Record<string, string>>;
  /** It acts as this one. */
  readonly account: string;
  /** May start it, and nothing else. */
  readonly starter: string;
  /** For all of its traffic. */
  readonly network: { readonly network: string; readonly subnetwork: string };
  /** Read-only. @default none */
  readonly folders?: readonly { readonly bucket: string; readonly path: string }[];
  /** @default 1 */
  readonly maxRetries?: number;
}

/** Files under /tmp count as memory. */
const LIMITS = { cpu: "1", memory: "2Gi" };

const START_SECONDS = 60;

/**
 * Cloud Scheduler starts Cloud Run, which needs no machine and no cluster. All traffic goes through the subnet; egress
 * rules go by account, ingress rules only by the subnet's range. The command itself allows one run at a time (a lock in
 * Valkey). Its machine may move once in an hour and pause it for seconds.
 * @example
 * new ScheduledJob(this, "backup", {
 *   name: "terrace-production-backup", project: "acme", region: "asia-northeast3", description: "Daily backup.", image,
 *   command: BACKUP_COMMAND, timeZone: "Asia/Seoul", env: {}, account, starter, network: { network, subnetwork },
 * });
 */
export class ScheduledJob extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    const { name, project, region, command, folders = [] } = props;
    const job = new CloudRunV2Job(this, "job", {
      name,
      location: region,
      // It holds nothing.
      deletionProtection: false,
      template: {
        taskCount: 1,
        template: {
          serviceAccount: props.account,
          timeout: `${command.timeoutSeconds}s`,
          maxRetries: props.maxRetries ?? 1,
          containers: [
            {
              image: imageUri(props.image),
              args: [...command.args],
              env: Object.keys(props.env)
                .sort()
                .map((variable) => ({ name: variable, value: props.env[variable] ?? "" })),
              resources: { limits: LIMITS },
              volumeMounts: folders.map(({ bucket, path }) => ({ name: bucket, mountPath: path })),
            },
          ],
          volumes: folders.map(({ bucket }) => ({ name: bucket, gcs: { bucket, readOnly: true } })),
          vpcAccess: {
            egress: "ALL_TRAFFIC",
            networkInterfaces: [{ network: props.network.network, subnetwork: props.network.subnetwork }],
          },
        },
      },
    });
    const starter = new CloudRunV2JobIamMember(this, "starter", {
      name: job.name,
      location: region,
      role: "roles/run.invoker",
      member: `serviceAccount:${props.starter}`,
    });
    new CloudSchedulerJob(this, "clock", {
      name,
      region,
      description: props.description,
      schedule: command.schedule,
      timeZone: props.timeZone,
      attemptDeadline: `${START_SECONDS}s`,
      retryConfig: { retryCount: 3, minBackoffDuration: "30s" },
      httpTarget: {
        httpMethod: "POST",
        uri: `https://run.googleapis.com/v2/projects/${project}/locations/${region}/jobs/${name}:run`,
        oauthToken: {
          serviceAccountEmail: props.starter,
          scope: "https://www.googleapis.com/auth/cloud-platform",
        },
      },
      dependsOn: [starter],
    });
  }
}
