import { ENV } from "../app/src/contract";
import type { Names, Workload } from "../planning/names";
import { storeVariables } from "../planning/shared-stores";
import type { Settings } from "./settings";
import { sharedStores, sharedStoresOfPods } from "./shared-stores";

/**
 * Where backups run: a job of Cloud Run, or one of the cluster where the vectors are in it, which nothing outside reaches.
 * `undefined` where there are no shared stores.
 */
export function backupRunner({
  data,
  kubernetes,
}: Pick<Settings, "data" | "kubernetes">): "cloud-run" | "cluster" | undefined {
  if (data.kind !== "managed") return undefined;
  return kubernetes?.vectors === "cluster" ? "cluster" : "cloud-run";
}

/**
 * Variables of whoever makes and rehearses backups. A backup notes who embedded, so it is told that too.
 * @throws RangeError without shared stores; settings are checked before, so this is a defect.
 */
export function backupVariables(settings: Settings, names: Names, account: Workload): Record<string, string> {
  const inCluster = backupRunner(settings) === "cluster";
  const stores = (inCluster ? sharedStoresOfPods : sharedStores)(settings, names, account);
  if (stores === undefined) throw new RangeError(`${settings.environment} has no shared stores to back up`);
  const { embeddings } = settings;
  return {
    ...storeVariables(stores),
    // One command at a time, and no request beside it.
    [ENV.databasePoolMax]: "4",
    [ENV.backupDestination]: `gs://${names.bucket("backups")}`,
    ...(embeddings === null ? {} : { [ENV.embedUrl]: embeddings.url, [ENV.embedModel]: embeddings.model }),
  };
}
