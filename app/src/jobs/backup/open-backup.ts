import { join } from "node:path";
import { type Config, ConfigError } from "../../config/config";
import { ENV } from "../../contract/variables";
import { TILS } from "../../retrieval/knowledge-base";
import { loadCalibrations } from "../../retrieval/load-calibrations";
import { openEmbedder } from "../../retrieval/open-embedder";
import { lanceFolder, openVectorStore } from "../../retrieval/open-retrieval";
import type { Coordination } from "../../stores/coordination/coordination";
import { openCoordination } from "../../stores/coordination/open-coordination";
import { type OpenPostgres, type OpenPostgresOptions, openPostgres } from "../../stores/postgres/open-postgres";
import { type BackupKind, BackupRecords } from "./backup-records";
import type { BackupSources, VectorSource } from "./sources";
import { LanceArchive } from "./vectors/lance-archive";
import { QdrantAdmin } from "./vectors/qdrant-admin";
import { QdrantArchive } from "./vectors/qdrant-archive";

/** The stores that a backup works with. */
export interface OpenBackup {
  readonly sources: BackupSources;
  /** @default there is no database to note anything in */
  readonly records: BackupRecords | undefined;
  readonly coordination: Coordination;
  close(): Promise<void>;
}

/**
 * Opens the configured stores, or the embedded ones while no gateway uses them.
 * @param only opens no more than this kind needs, so that it works while the other is away. @default everything
 * @throws ConfigError where a store cannot be used
 */
export async function openBackup(
  config: Config,
  print: (line: string) => void,
  only?: BackupKind | undefined,
): Promise<OpenBackup> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const common = { stores: config.stores, metadataUrl: config.metadataUrl, onProgress: print, onState: () => {} };
    const coordination = await openCoordination(common);
    closers.push(() => coordination.close());
    const postgres = only === "vectors" ? undefined : await openDatabase(common, closers);
    const vectors = only === "database" ? undefined : await openVectors(config, print);
    if (vectors !== undefined) closers.push(vectors.close);
    const database = postgres?.kind === "absent" ? undefined : postgres?.database;
    if (database === undefined && vectors === undefined) {
      throw new ConfigError([`there is nothing to back up: set ${ENV.databaseUrl} and ${ENV.qdrantUrl}`]);
    }
    const records = database === undefined ? undefined : new BackupRecords(database);
    const { dataDir } = config.stores;
    const folders = {
      ...(postgres?.kind === "embedded" && { database: dataDir }),
      ...(vectors?.archive.store.kind === "lancedb" && { vectors: dataDir }),
    };
    return { sources: { database, vectors, folders }, records, coordination, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function openDatabase(options: OpenPostgresOptions, closers: (() => Promise<void>)[]): Promise<OpenPostgres> {
  const postgres = await openPostgres({ ...options, statementTimeoutMs: 0 });
  closers.push(() => postgres.close());
  return postgres;
}

async function openVectors(
  config: Config,
  print: (line: string) => void,
): Promise<(VectorSource & { readonly close: () => Promise<void> }) | undefined> {
  const { retrieval, stores } = config;
  const store = await openVectorStore({ config, onProgress: print });
  if (store.kind === "absent") return undefined;
  const { qdrantUrl: url, qdrantApiKey: apiKey } = retrieval;
  const archive =
    url === undefined
      ? new LanceArchive(store, lanceFolder(stores))
      : new QdrantArchive(store, new QdrantAdmin({ url, apiKey }));
  const embedder = openEmbedder(retrieval, await loadCalibrations(join(stores.dataDir, "calibrations")));
  return {
    archive,
    space: () => embedder.space(),
    collections: ({ id, dim }) => [{ ...TILS, space: id, dim }],
    close: async () => {
      await embedder.close();
      await store.close();
    },
  };
}
