import { gatewayCount } from "../planning/gateway-count";
import { NAMESPACES, VECTOR_STORE, type Workload } from "../planning/names";
import { databasePool, type SharedStores } from "../planning/shared-stores";
import type { ManagedData } from "../settings/schema/settings";
import type { Environment } from "./environment";

/** `db-custom-2-7680` has 7680 MiB. */
function memoryMib({ postgres }: ManagedData): number {
  return Number(postgres.tier.split("-").at(-1));
}

/** Name of the cluster's vector store inside the cluster. */
const CLUSTER_VECTOR_STORE_HOST = `${VECTOR_STORE}.${NAMESPACES.platform}.svc.cluster.local`;

/** The stores as somebody with the account reaches them; `undefined` where every gateway keeps its own. */
export function sharedStores({ settings, names }: Environment, account: Workload): SharedStores | undefined {
  const { data, groups, kubernetes } = settings;
  if (data.kind !== "managed") return undefined;
  return {
    postgresHost: names.privateHost("postgres"),
    database: names.database,
    account: names.accountEmail(account),
    databasePoolMax: databasePool({ memoryMib: memoryMib(data), gateways: gatewayCount(groups, kubernetes) }),
    redisHost: names.privateHost("redis"),
    vectorStoreHost: names.privateHost(VECTOR_STORE),
    authoritiesBucket: names.bucket("authorities"),
  };
}

/** The same, as a pod reaches them. */
export function sharedStoresOfPods(environment: Environment, account: Workload): SharedStores | undefined {
  const stores = sharedStores(environment, account);
  if (stores === undefined || environment.settings.kubernetes?.vectorStore !== "cluster") return stores;
  return { ...stores, vectorStoreHost: CLUSTER_VECTOR_STORE_HOST };
}
