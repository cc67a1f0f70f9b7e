import { AdapterMetrics } from "../engines/adapters/adapter-metrics";
import type { AdapterService } from "../engines/adapters/adapter-service";
import type { ModelPool } from "../engines/client/model-pool";
import { BackupRecords } from "../jobs/backup/backup-records";
import { LastBackup } from "../jobs/backup/last-backup";
import { enginesView } from "../operations/activity/engines-view";
import { registerRecentMetrics } from "../operations/activity/recent-metrics";
import { enginesAnswer } from "../operations/health/engine-check";
import type { Readiness } from "../operations/health/readiness";
import { GatewayMetrics } from "../operations/metrics";
import type { Operations } from "../operations/operations";
import type { Stores } from "../stores/open-stores";

export interface OpenMetricsOptions {
  readonly models: ModelPool;
  readonly readiness: Readiness;
  readonly operations: Operations;
  /** @default no adapter was ever loaded */
  readonly adapters?: AdapterService | undefined;
  readonly stores: Pick<Stores, "database" | "responseCache">;
}

/** The metrics of every part in one registry. */
export function openMetrics({ models, readiness, operations, adapters, stores }: OpenMetricsOptions): GatewayMetrics {
  const { lifecycle, dependencies } = operations;
  const metrics = new GatewayMetrics({ ready: () => lifecycle.phase === "serving" && readiness.ready });
  const { registry } = metrics;
  models.instrument(registry);
  operations.register(registry);
  registerRecentMetrics(registry, { ...operations, engines: enginesView(models) });
  new LastBackup({ records: new BackupRecords(stores.database) }).register(registry);
  dependencies.watch("engine", () => enginesAnswer(readiness));
  stores.responseCache.register(registry);
  (adapters ?? new AdapterMetrics()).register(registry);
  return metrics;
}
