import { messageOf } from "../../shared/errors/message-of";
import { chosenManifest, findBackups } from "./backup-catalogue";
import { BackupError } from "./backup-error";
import type { BackupKind, BackupRecords } from "./backup-records";
import { createBackup } from "./create-backup";
import { checkSteps } from "./database/schema-steps";
import type { BackupDestination } from "./destination";
import type { Manifest } from "./manifest";
import { bytesOf, kindsOf } from "./manifest";
import type { OpenBackup } from "./open-backup";
import { Parts } from "./parts";
import { megabytes, Report } from "./report";
import { stageBackup } from "./restore-backup";
import { deleteBackup, expiredBackups } from "./retention";
import { verifyParts } from "./verify-backup";

/**
 * What an action works with: stores are opened by those that need them, because backups are looked at when stores are
 * gone.
 */
export interface BackupContext {
  readonly destination: BackupDestination;
  readonly print: (line: string) => void;
  readonly open: (only?: BackupKind) => Promise<OpenBackup>;
  /** Ends whatever runs. */
  readonly signal: AbortSignal;
}

/** What a run that is alone goes by. */
interface Alone {
  /** Aborted when the lock is lost or the run is ended. */
  readonly signal: AbortSignal;
  /** Whether anybody is kept out. */
  readonly exclusive: boolean;
}

/** One of the command's actions. */
export type BackupRun = (context: BackupContext) => Promise<void>;

/** Milliseconds for which a run holds the lock without renewing it: a run that died is followed after so long. */
const LOCK_MS = 5 * 60_000;

/** Makes a backup, notes it, and deletes what need not be kept any longer. */
export function create({
  only,
  keepDays,
}: {
  readonly only: BackupKind | undefined;
  readonly keepDays: number | undefined;
}): BackupRun {
  return (context) =>
    // Vectors want the database too, which notes their backup.
    alone(context, only === "database" ? only : undefined, async ({ sources, records }, { signal }) => {
      const { destination, print } = context;
      const report = new Report(print);
      const manifest = await createBackup({ sources, destination, only, report, signal });
      await note(context, records, manifest);
      print(`backup ${manifest.id} is complete: ${kindsOf(manifest).join(" and ")}, ${megabytes(bytesOf(manifest))}`);
      if (keepDays !== undefined) await deleteExpired(context, keepDays);
    });
}

export function list(): BackupRun {
  return async ({ destination, print }) => {
    const backups = await findBackups(destination);
    if (backups.length === 0) return print(`no backups in ${destination.address}`);
    for (const { id, bytes, manifest, problem } of backups) {
      const what = manifest === undefined ? problem : described(manifest);
      print(`${id}  ${megabytes(bytes).padStart(9)}  ${what}`);
    }
  };
}

function described(manifest: Manifest): string {
  const { database, vectors, app_version } = manifest;
  const rows = database?.tables.reduce((sum, { part }) => sum + part.lines, 0);
  const points = vectors?.collections.reduce((sum, collection) => sum + collection.points.least, 0);
  return [
    ...(rows === undefined ? [] : [`${rows} rows`]),
    ...(vectors === undefined ? [] : [`${points} vectors of ${vectors.embedder.space}`]),
    `release ${app_version}`,
  ].join(", ");
}

/** Reads a backup as a whole, refuses a newer schema, and records that it is good. */
export function verify(id: string): BackupRun {
  return async (context) => {
    const { destination, print } = context;
    const manifest = await chosenManifest(destination, id);
    print(`backup ${manifest.id} in ${destination.address}`);
    if (manifest.database !== undefined) checkSteps(manifest.database);
    await verifyParts(manifest, new Parts(destination, manifest.id), new Report(print));
    print(`backup ${manifest.id} is good`);
    try {
      const open = await context.open("database");
      await note(context, open.records, manifest).finally(open.close);
    } catch (thrown) {
      notNoted(context, thrown);
    }
  };
}

export interface RestoreRunOptions {
  readonly id: string;
  readonly only: BackupKind | undefined;
  readonly swap: boolean;
}

/** Restores beside what is in use, and lets it take its place. */
export function restore({ id, only, swap }: RestoreRunOptions): BackupRun {
  return (context) =>
    alone(context, only, async ({ sources }, { signal, exclusive }) => {
      if (!exclusive) throw new BackupError("the lock cannot be taken: nobody could be kept from restoring too");
      const { destination, print } = context;
      const manifest = await chosenManifest(destination, id);
      const started = performance.now();
      print(`restoring ${manifest.id} from ${destination.address}`);
      const staged = await stageBackup({ manifest, sources, destination, only, report: new Report(print), signal });
      if (swap) {
        for (const one of staged) await one.swap();
        print(
          `${manifest.id} is in use after ${seconds(started)} s; restart the gateways, so that they see all of it at once`,
        );
        return;
      }
      for (const { kind, place } of staged) print(`  ${kind}: good, in ${place} until the next restore`);
      print(`${manifest.id} was restored and compared in ${seconds(started)} s; add --swap to use it`);
    });
}

export interface RehearseOptions {
  readonly id: string;
  /** A rehearsal that takes longer has failed. */
  readonly rtoSeconds: number;
}

/** Restores beside what is in use, compares, drops it, and reports how long that took. */
export function rehearse({ id, rtoSeconds }: RehearseOptions): BackupRun {
  return (context) =>
    alone(context, undefined, async ({ sources }, { signal }) => {
      const { destination, print } = context;
      const started = performance.now();
      const manifest = await chosenManifest(destination, id);
      const staged = await stageBackup({ manifest, sources, destination, report: new Report(print), signal });
      const took = seconds(started);
      for (const one of staged) await one.drop();
      const what = `restore of ${manifest.id} (${described(manifest)}): ${took} s of ${rtoSeconds} s`;
      if (Number(took) > rtoSeconds) throw new BackupError(`rehearsal too slow: ${what}`);
      print(`rehearsal good: ${what}`);
    });
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

/** A backup that cannot be noted is a backup nevertheless. */
async function note(context: BackupContext, records: BackupRecords | undefined, manifest: Manifest): Promise<void> {
  const { id, created_at } = manifest;
  if (records === undefined) return notNoted(context, new Error("there is no database"));
  try {
    const { address } = context.destination;
    await records.verified({ id, kinds: kindsOf(manifest), destination: address, takenAt: new Date(created_at) });
  } catch (thrown) {
    notNoted(context, thrown);
  }
}

function notNoted({ print }: BackupContext, thrown: unknown): void {
  print(`  not noted, so no gateway shows its age: ${messageOf(thrown)}`);
}

async function deleteExpired({ destination, print }: BackupContext, keepDays: number): Promise<void> {
  const expired = expiredBackups(await findBackups(destination), { keepDays, now: new Date() });
  for (const backup of expired) {
    try {
      await deleteBackup(destination, backup);
      print(`  ${backup.id}: deleted, older than ${keepDays} days`);
    } catch (thrown) {
      // A bucket's own retention may be longer, and is right.
      if (!(thrown instanceof BackupError)) throw thrown;
      print(`  ${backup.id}: kept; ${thrown.message}`);
    }
  }
}

/**
 * Opens the stores and works while no other backup or restore does.
 * @throws BackupError where another one runs
 */
async function alone(
  { open, print, signal }: BackupContext,
  only: BackupKind | undefined,
  work: (stores: OpenBackup, alone: Alone) => Promise<void>,
): Promise<void> {
  const stores = await open(only);
  try {
    const lock = await stores.coordination.lock("backup", LOCK_MS);
    if (lock === undefined) throw new BackupError("another backup or restore is running");
    if (!lock.exclusive) print("  Redis does not answer: another backup may run at the same time");
    try {
      await work(stores, { signal: AbortSignal.any([lock.lost, signal]), exclusive: lock.exclusive });
    } finally {
      await lock.release();
    }
  } finally {
    await stores.close();
  }
}
