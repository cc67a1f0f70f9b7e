import type { FoundBackup } from "./backup-catalogue";
import { BACKUP_KINDS } from "./backup-records";
import type { BackupDestination } from "./destination";
import { kindsOf, MANIFEST } from "./manifest";

const DAY_MS = 24 * 60 * 60_000;
/** Days that an unfinished backup is left alone: it may be at work. */
const UNFINISHED_DAYS = 1;

/**
 * What need not be kept any longer: what is older than so many days, except the newest finished backup of each kind, which
 * stays however old it is. Unfinished ones go too, once no run can be at work on them. One whose manifest cannot be read stays:
 * a newer release may have made it.
 */
export function expiredBackups(
  backups: readonly FoundBackup[],
  { keepDays, now }: { readonly keepDays: number; readonly now: Date },
): readonly FoundBackup[] {
  const newestFirst = [...backups].sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
  const last = BACKUP_KINDS.map((kind) =>
    newestFirst.find(({ manifest }) => manifest !== undefined && kindsOf(manifest).includes(kind)),
  );
  return newestFirst.filter((backup) => {
    const unfinished = backup.manifest === undefined;
    if (unfinished && backup.objects.some((name) => name.endsWith(MANIFEST))) return false;
    const days = unfinished ? Math.max(keepDays, UNFINISHED_DAYS) : keepDays;
    return now.getTime() - backup.takenAt.getTime() > days * DAY_MS && !last.includes(backup);
  });
}

/** Deletes a backup, its manifest first: half a backup must not look like one. */
export async function deleteBackup(destination: BackupDestination, { objects }: FoundBackup): Promise<void> {
  const manifestFirst = [...objects].sort((a, b) => Number(b.endsWith(MANIFEST)) - Number(a.endsWith(MANIFEST)));
  for (const name of manifestFirst) await destination.delete(name);
}
