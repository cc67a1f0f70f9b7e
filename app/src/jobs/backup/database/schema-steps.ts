import { MIGRATIONS } from "../../../stores/postgres/migrations/all-migrations";
import { BackupError } from "../backup-error";
import type { DatabaseManifest } from "../manifest";

/** @throws BackupError where the backup's steps are not the first ones of this release's */
export function checkSteps({ steps }: Pick<DatabaseManifest, "steps">): void {
  const known = Object.keys(MIGRATIONS).sort();
  const unknown = steps.find((step) => !known.includes(step));
  if (unknown !== undefined) {
    throw new BackupError(
      `the backup's schema is newer than this release, which does not know ${unknown}: use a newer one`,
    );
  }
  const missing = known.find((step, index) => index < steps.length && steps[index] !== step);
  if (missing !== undefined) throw new BackupError(`the backup's schema lacks the step ${missing}`);
}
