import type { FastifyBaseLogger } from "fastify";
import type { Config } from "../../config/config";
import type { Task } from "../../contract/tasks";
import type { Stores } from "../../stores/open-stores";
import type { ModelPool } from "../client/model-pool";
import { AdapterService } from "./adapter-service";
import { PostgresAdapterRepository } from "./postgres-adapter-repository";

export interface OpenAdaptersOptions {
  readonly config: Pick<Config, "adapters">;
  readonly stores: Pick<Stores, "database" | "databaseKind">;
  readonly models: ModelPool;
  readonly log: FastifyBaseLogger;
}

/**
 * The adapters of this gateway's models, not yet started.
 * @returns undefined where there is no database: nothing can be registered then, and nothing was
 */
export function openAdapters({ config, stores, models, log }: OpenAdaptersOptions): AdapterService | undefined {
  if (stores.databaseKind === "absent") return undefined;
  const { prefixes, maxLoras } = config.adapters;
  const repository = new PostgresAdapterRepository(stores.database.sql);
  const modelOf = (task: Task) => models.forTask(task).label;
  const adapters = new AdapterService({ repository, hosts: models, modelOf, prefixes, maxLoras, log });
  models.keepAdapters(adapters);
  return adapters;
}
