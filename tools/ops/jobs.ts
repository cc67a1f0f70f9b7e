/** The jobs that a clock starts, started by hand. */
import { Names } from "../../planning/names";
import { backupRunner } from "../../settings/backups";
import type { Settings } from "../../settings/settings";
import { commandText, output } from "./gcloud";
import type { Runner } from "./operate";
import { OpsError } from "./ops-error";

/** `gcloud run jobs execute`, which ends with the job and fails where it fails. @throws OpsError where it runs elsewhere */
export function jobArgs(settings: Settings, job: "backup" | "restore-test"): readonly string[] {
  const runner = backupRunner(settings);
  const names = new Names(settings);
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
  say((await output(run, args)).trim() || `${job} succeeded`);
}
