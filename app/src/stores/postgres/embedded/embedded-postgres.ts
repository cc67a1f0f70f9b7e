import { join } from "node:path";
import { ConfigError } from "../../../config/config";
import { ENV } from "../../../contract/variables";
import { messageOf } from "../../../shared/errors/message-of";
import type { DataFolder } from "../../data-folder";
import type { PostgresBinaries } from "./binaries";
import { Cluster } from "./postgres-cluster";
import type { ServerAccount } from "./server-account";

/** Connections on top of the gateway's own: a person with psql, the migrator. */
const SPARE_CONNECTIONS = 10;

export interface EmbeddedPostgresOptions {
  readonly binaries: PostgresBinaries;
  /** @default the account of this process */
  readonly account: ServerAccount | undefined;
  readonly dataFolder: DataFolder;
  readonly poolMax: number;
  readonly onProgress: (line: string) => void;
}

/**
 * Starts PostgreSQL in the data folder: makes the cluster on the first start, stops a server that a killed gateway left
 * behind. The folder is claimed, so that such a server has no other user.
 * @throws ConfigError where it cannot run here, with what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<Cluster> {
  const { binaries, account, dataFolder, poolMax, onProgress } = options;
  const folder = join(dataFolder.path, "postgres");
  try {
    const cluster = new Cluster({ binaries, folder, account, maxConnections: poolMax + SPARE_CONNECTIONS });
    if (await cluster.isInitialised()) await cluster.stopOrphan();
    else {
      onProgress(`making a PostgreSQL database in ${folder} (once)`);
      await cluster.initialise();
    }
    await cluster.start();
    return cluster;
  } catch (thrown) {
    const why = messageOf(thrown);
    throw new ConfigError([
      `The embedded PostgreSQL does not run in ${folder}: ${why}. Set ${ENV.dataDir} to a folder that its account may enter, or ${ENV.databaseUrl} to a server of yours`,
    ]);
  }
}
