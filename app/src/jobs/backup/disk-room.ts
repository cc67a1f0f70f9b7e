import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../../shared/error-code";
import { BackupError } from "./backup-error";
import { megabytes } from "./report";

/** What is about to be written. */
export interface Need {
  /** What it is, for people. */
  readonly what: string;
  /** Where; it need not exist yet. */
  readonly folder: string;
  readonly bytes: number;
}

/** Bytes that this account may still write on the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Of several needs on one disk the sum counts.
 * @throws BackupError where a disk cannot hold what is to be written there, with the bytes
 */
export async function checkRoom(needs: readonly Need[]): Promise<void> {
  const disks = new Map<number, Need[]>();
  for (const need of needs) {
    const folder = await existing(need.folder);
    const { dev } = await stat(folder);
    disks.set(dev, [...(disks.get(dev) ?? []), { ...need, folder }]);
  }
  for (const onDisk of disks.values()) {
    const [{ folder } = { folder: "/" }] = onDisk;
    const needed = onDisk.reduce((sum, { bytes }) => sum + bytes, 0);
    const free = await freeBytes(folder);
    if (free >= needed) continue;
    const what = onDisk.map((need) => need.what).join(" and ");
    throw new BackupError(
      `no space left on the disk of ${folder} for ${what}: needs ${amount(needed)}, free ${amount(free)}`,
    );
  }
}

function amount(bytes: number): string {
  return `${bytes} bytes (${megabytes(bytes)})`;
}

/** The folder, or the nearest above it that is there. */
async function existing(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (thrown) {
    if (errorCode(thrown) !== "ENOENT") throw thrown;
    return existing(dirname(folder));
  }
}
