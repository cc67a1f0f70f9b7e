/** Scheduled jobs, started by hand. */
import { backupRunner } from "../../environment/backups";
import { environmentOf } from "../../environment/environment";
import type { Settings } from "../../settings/schema/settings";
import { commandText, gcloudOutput } from "./gcloud";
import type { Runner } from "./operate";
import { OpsError } from "./ops-error";

/** `gcloud run jobs execute`, which ends with the job and fails where it fails. @throws OpsError where it runs elsewhere */
export function jobArgs(settings: Settings, job: "backup" | "restore-test"): readonly string[] {
  const environment = environmentOf(settings);
  const runner = backupRunner(environment);
  const { names } = environment;
  if (runner === undefined)
    throw new OpsError(`${settings.environment} has no shared stores, so there is nothing to back up`);
  if (runner === "cluster") {
    throw new OpsError(
      `the vectors are in the cluster, and so are its backups: kubectl --namespace llm-serving create job --from=cronjob/${job} ${job}-by-hand`,
    );
  }
  return [
    "run",
    "jobs",
    "execute",
    names.of(job),
    `--region=${settings.region}`,
    `--project=${settings.project}`,
    "--wait",
  ];
}

export async function runJob(
  { run, apply, say }: Pick<Runner, "run" | "apply" | "say">,
  settings: Settings,
  job: "backup" | "restore-test",
): Promise<void> {
  const args = jobArgs(settings, job);
  if (!apply) return say(`would run: ${commandText(args)}`);
  say(commandText(args));
  say((await gcloudOutput(run, args)).trim() || `${job} succeeded`);
}
