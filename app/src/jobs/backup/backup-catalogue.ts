import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { BackupError } from "./backup-error";
import type { BackupDestination } from "./destination";
import { MANIFEST, type Manifest, parseManifest } from "./manifest";

/** Time of the backup to the millisecond, so that the order of ids is the order in time, and a mark against two of one moment. */
const ID = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)(\d{3})z-[0-9a-f]{6}$/;

/** A backup as it lies at its destination. */
export interface FoundBackup {
  readonly id: string;
  /** From the id. */
  readonly takenAt: Date;
  /** Names of its objects. */
  readonly objects: readonly string[];
  readonly bytes: number;
  /** Absent where it is unfinished, or its manifest cannot be read. */
  readonly manifest: Manifest | undefined;
  /** Why there is no manifest. */
  readonly problem: string | undefined;
}

/** A new id for a backup of now. */
export function newBackupId(now: Date): string {
  const time = now.toISOString().replace(/[-:.]/g, "").toLowerCase();
  return `${time}-${randomBytes(3).toString("hex")}`;
}

/** When a backup of this id was made; undefined for what is no id. */
export function takenAt(id: string): Date | undefined {
  const match = ID.exec(id);
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour, minute, second, millisecond] = match.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond));
}

/** Every backup at the destination, newest first; what is none is passed over. */
export async function findBackups(destination: BackupDestination): Promise<readonly FoundBackup[]> {
  const objects = new Map<string, { names: string[]; bytes: number }>();
  for (const { name, bytes } of await destination.list()) {
    const id = name.split("/")[0] ?? "";
    const found = objects.get(id) ?? { names: [], bytes: 0 };
    found.names.push(name);
    found.bytes += bytes;
    objects.set(id, found);
  }
  const backups: FoundBackup[] = [];
  for (const [id, { names, bytes }] of objects) {
    const time = takenAt(id);
    if (time === undefined) continue;
    const read = await readManifest(destination, id, names);
    backups.push({ id, takenAt: time, objects: names, bytes, ...read });
  }
  return backups.sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function readManifest(destination: BackupDestination, id: string, names: readonly string[]) {
  const name = `${id}/${MANIFEST}`;
  if (!names.includes(name)) return { manifest: undefined, problem: "unfinished: it has no manifest" };
  try {
    return { manifest: parseManifest(id, await text(destination.read(name))), problem: undefined };
  } catch (thrown) {
    if (thrown instanceof BackupError) return { manifest: undefined, problem: thrown.message };
    throw thrown;
  }
}

/** The manifest of a backup by its id, or of the newest for `latest`. @throws BackupError where there is none */
export async function chosenManifest(destination: BackupDestination, id: string): Promise<Manifest> {
  const backups = await findBackups(destination);
  if (id === "latest") {
    const manifest = backups.find((backup) => backup.manifest !== undefined)?.manifest;
    if (manifest === undefined) throw new BackupError(`there is no finished backup in ${destination.address}`);
    return manifest;
  }
  const found = backups.find((backup) => backup.id === id);
  if (found === undefined) throw new BackupError(`there is no backup ${id} in ${destination.address}`);
  if (found.manifest === undefined) throw new BackupError(`${id} cannot be used: ${found.problem}`);
  return found.manifest;
}
