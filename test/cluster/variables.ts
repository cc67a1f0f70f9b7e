/** Names of the variables by which test files learn of the cluster that was started before them. */

/** Its administrator's kubeconfig. */
export const CLUSTER_KUBECONFIG = "CLUSTER_KUBECONFIG";

/** Why there is none; empty where there is. */
export const CANNOT_START_CLUSTER = "CANNOT_START_CLUSTER";
