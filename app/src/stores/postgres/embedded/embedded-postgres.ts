import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigError } from "../../../config/config";
import { ENV } from "../../../contract/variables";
import { messageOf } from "../../../shared/errors/message-of";
import type { DataFolder } from "../../data-folder";
import type { PostgresBinaries } from "./binaries";
import { Cluster, ClusterInUseError } from "./postgres-cluster";
import type { ServerAccount } from "./server-account";

/** Milliseconds that processes of a killed server get to end: each ends by itself as soon as it looks for its server. */
const PREDECESSOR_MS = 30_000;
/** Milliseconds between two tries to start meanwhile. */
const RETRY_MS = 250;
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
    await startOnceFree(cluster, onProgress);
    return cluster;
  } catch (thrown) {
    const why = messageOf(thrown);
    throw new ConfigError([
      `The embedded PostgreSQL does not run in ${folder}: ${why}. Set ${ENV.dataDir} to a folder that its account may enter, or ${ENV.databaseUrl} to a server of yours`,
    ]);
  }
}

/** Starts the server, once the processes of one that was killed have ended. */
async function startOnceFree(cluster: Cluster, onProgress: (line: string) => void): Promise<void> {
  const deadline = performance.now() + PREDECESSOR_MS;
  for (let first = true; ; first = false) {
    try {
      return await cluster.start();
    } catch (thrown) {
      if (!(thrown instanceof ClusterInUseError) || performance.now() > deadline) throw thrown;
      if (first) onProgress("waiting for the PostgreSQL of a gateway that was killed to end");
      await delay(RETRY_MS);
    }
  }
}
