import { ENV } from "../app/src/contract/variables";
import type { Workload } from "../planning/names";
import { storeVariables } from "../planning/shared-stores";
import type { Environment } from "./environment";
import { sharedStores, sharedStoresOfPods } from "./store-addresses";

/**
 * Where backups run: a job of Cloud Run, or one of the cluster where the vectors are in it, which nothing outside reaches.
 * `undefined` where there are no shared stores.
 */
export function backupRunner({ settings: { data, kubernetes } }: Environment): "cloud-run" | "cluster" | undefined {
  if (data.kind !== "managed") return undefined;
  return kubernetes?.vectorStore === "cluster" ? "cluster" : "cloud-run";
}

/**
 * Variables of the commands that make and rehearse backups. A backup names the model that embedded its vectors.
 * @throws RangeError without shared stores; settings are checked before, so this is a defect.
 */
export function backupVariables(environment: Environment, account: Workload): Record<string, string> {
  const { settings, names } = environment;
  const inCluster = backupRunner(environment) === "cluster";
  const stores = (inCluster ? sharedStoresOfPods : sharedStores)(environment, account);
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
