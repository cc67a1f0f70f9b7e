import { ENV } from "../../contract/variables";
import type { CollectionSpec } from "../../retrieval/vector-store";
import { BackupError } from "./backup-error";
import type { BackupKind } from "./backup-records";
import { dropStagedDatabase, STAGED, stageDatabase } from "./database/staged-database";
import { REPLACED, swapDatabase } from "./database/swap-database";
import type { BackupDestination } from "./destination";
import { checkRoom } from "./disk-room";
import type { CollectionManifest, Manifest, VectorsManifest } from "./manifest";
import { kindsOf } from "./manifest";
import { Parts } from "./parts";
import type { Report } from "./report";
import { restoreNeeds } from "./restore-room";
import type { BackupSources, VectorSource } from "./sources";
import { compareSamples } from "./vectors/samples";

export interface RestoreOptions {
  readonly manifest: Manifest;
  readonly sources: BackupSources;
  readonly destination: BackupDestination;
  /** @default everything that the backup has */
  readonly only?: BackupKind | undefined;
  readonly report: Report;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** A part of the service that was restored beside the one in use, and found to be what was backed up. */
export interface Staged {
  readonly kind: BackupKind;
  /** Where it is, for people. */
  readonly place: string;
  swap(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * Restores a backup beside what is in use, which is not touched, and compares: every row of the database by its
 * checksum; of the vectors their number and the neighbours of sampled points.
 * @returns what can take its place, the database first
 * @throws BackupError where the backup does not suit, is damaged, the disk cannot hold it, or what was restored differs
 */
export async function stageBackup(options: RestoreOptions): Promise<readonly Staged[]> {
  const { manifest, sources, only } = options;
  const kinds = kindsOf(manifest).filter((kind) => only === undefined || kind === only);
  if (kinds.length === 0) throw new BackupError(`${manifest.id} has no ${only}`);
  const steps = kinds.map((kind) => (kind === "database" ? databaseStep(options) : vectorsStep(options)));
  // Whatever refuses does so before anything is restored.
  const ready = await Promise.all(steps);
  await checkRoom(restoreNeeds(manifest, kinds, sources));
  const staged: Staged[] = [];
  for (const stage of ready) staged.push(...(await stage()));
  return staged;
}

type Step = () => Promise<readonly Staged[]>;

async function databaseStep({ manifest, sources, destination, report, signal }: RestoreOptions): Promise<Step> {
  const dump = manifest.database;
  const db = sources.database?.sql;
  if (dump === undefined) throw new BackupError(`${manifest.id} has no database`);
  if (db === undefined)
    throw new BackupError(`there is no database here: set ${ENV.databaseUrl}, or add --only vectors`);
  return async () => {
    await stageDatabase(db, dump, new Parts(destination, manifest.id, signal), report);
    const staged = {
      kind: "database" as const,
      place: `schema ${STAGED}`,
      swap: async () => {
        signal?.throwIfAborted();
        await swapDatabase(db);
        report.line(`  database: restored; what it replaced is in schema ${REPLACED} until the next swap`);
      },
      drop: () => dropStagedDatabase(db),
    };
    return [staged];
  };
}

async function vectorsStep(options: RestoreOptions): Promise<Step> {
  const { manifest, sources } = options;
  const { vectors } = manifest;
  if (vectors === undefined) throw new BackupError(`${manifest.id} has no vectors`);
  if (sources.vectors === undefined) {
    throw new BackupError(`there is no vector store here: set ${ENV.qdrantUrl}, or add --only database`);
  }
  const source = sources.vectors;
  await checkSpace(vectors, source);
  return async () => {
    const staged: Staged[] = [];
    for (const collection of vectors.collections)
      staged.push(await stageCollection(collection, vectors, source, options));
    return staged;
  };
}

/** @throws BackupError where the vectors are another embedder's: they cannot be compared with those to come */
async function checkSpace({ embedder }: VectorsManifest, source: VectorSource): Promise<void> {
  const space = await source.space();
  if (space.id === embedder.space && space.dim === embedder.dim) return;
  throw new BackupError(
    `the backup's vectors are those of ${embedder.space} (${embedder.dim} components), the gateway's of ${space.id} (${space.dim}): ` +
      "set the embedder of that time, or restore with --only database and let a gateway embed every text anew",
  );
}

async function stageCollection(
  copied: CollectionManifest,
  { embedder }: VectorsManifest,
  { archive }: VectorSource,
  { manifest, destination, report, signal }: RestoreOptions,
): Promise<Staged> {
  const { name, fields, points, samples } = copied;
  const spec: CollectionSpec = { name, fields, space: embedder.space, dim: embedder.dim };
  const parts = new Parts(destination, manifest.id, signal);
  const { collection, swap, drop } = await archive.stage({ spec, parts, report, copied });
  const count = await collection.count();
  if (count < points.least || count > points.most) {
    const expected = points.least === points.most ? `${points.least}` : `${points.least} to ${points.most}`;
    throw new BackupError(`${name}: ${count} points were restored, not ${expected}`);
  }
  await compareSamples(name, collection, samples);
  return {
    kind: "vectors",
    place: `a collection beside ${name}`,
    drop,
    swap: async () => {
      signal?.throwIfAborted();
      await swap();
      report.line(`  ${name}: restored; what it replaced stays beside it until the next swap`);
    },
  };
}
