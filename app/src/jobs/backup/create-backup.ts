import { VERSION } from "../../contract/version";
import { newBackupId } from "./backup-catalogue";
import type { BackupKind } from "./backup-records";
import { exportDatabase } from "./database/export-database";
import type { BackupDestination } from "./destination";
import {
  type CollectionManifest,
  MANIFEST,
  type Manifest,
  newManifest,
  parseManifest,
  type VectorsManifest,
} from "./manifest";
import { Parts } from "./parts";
import type { Report } from "./report";
import type { BackupSources, VectorSource } from "./sources";
import { takeSamples } from "./vectors/samples";
import { verifyParts } from "./verify-backup";

export interface CreateBackupOptions {
  readonly sources: BackupSources;
  readonly destination: BackupDestination;
  /** @default everything that there is */
  readonly only?: BackupKind | undefined;
  readonly report: Report;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** @default now */
  readonly now?: Date;
}

/**
 * Makes a backup, reads it again, and only then writes the manifest without which it is none. Vectors come first: a text
 * is in PostgreSQL before its vector is anywhere, so no vector is restored without its text, and texts that lack their
 * vectors get them from a gateway. One that fails takes its parts away again, where the destination lets it.
 */
export async function createBackup(options: CreateBackupOptions): Promise<Manifest> {
  const { destination, report, signal, now = new Date() } = options;
  const id = newBackupId(now);
  const parts = new Parts(destination, id, signal);
  report.line(`backup ${id} to ${destination.address}`);
  try {
    return await written(options, { id, now, parts });
  } catch (thrown) {
    await parts.discard();
    throw thrown;
  }
}

interface Begun {
  readonly id: string;
  readonly now: Date;
  readonly parts: Parts;
}

async function written(options: CreateBackupOptions, { id, now, parts }: Begun): Promise<Manifest> {
  const { sources, destination, only, report, signal } = options;
  const { vectors: vectorSource, database: databaseSource } = sources;
  const vectors = only !== "database" && vectorSource ? await copyVectors(vectorSource, parts, report) : undefined;
  const database =
    only !== "vectors" && databaseSource ? await exportDatabase(databaseSource.sql, parts, report) : undefined;
  const manifest = newManifest({
    id,
    created_at: now.toISOString(),
    app_version: VERSION,
    ...(database && { database }),
    ...(vectors && { vectors }),
  });
  await verifyParts(manifest, parts, report);
  signal?.throwIfAborted();
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  // One that cannot be read again would only be found when it is needed.
  parseManifest(id, text);
  await destination.write(`${id}/${MANIFEST}`, once(text));
  return manifest;
}

async function copyVectors(source: VectorSource, parts: Parts, report: Report): Promise<VectorsManifest> {
  const { archive } = source;
  const space = await source.space();
  const collections: CollectionManifest[] = [];
  for (const spec of source.collections(space)) {
    // Before the copy: what was there then is in it.
    const samples = await takeSamples(await archive.store.collection(spec));
    const copied = await archive.copy({ spec, parts, report });
    collections.push({ ...copied, name: spec.name, fields: { ...spec.fields }, samples });
  }
  const embedder = { id: space.embedder, space: space.id, dim: space.dim };
  const { kind } = archive.store;
  if (kind === "absent") throw new Error("a backup of vectors wants a store that has them");
  return { store: kind, embedder, collections };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
