/** Names inside the cluster that more than one stack uses: the platform makes them, the release refers to them. */

/** Namespaces. */
export const NAMESPACES = {
  /** The workload: gateway, engines, web, jobs. */
  serving: "llm-serving",
  /** Add-ons that need no privilege: monitoring, metrics adapter, Qdrant. */
  platform: "platform",
  /** Exporters that must see the node: the one exception to Pod Security `restricted`. */
  exporters: "exporters",
} as const;
export type Namespace = (typeof NAMESPACES)[keyof typeof NAMESPACES];

/** Helm release of the workload, in {@link NAMESPACES.serving}. */
export const SERVING_RELEASE = "llm";

/** Kubernetes service accounts of the workload. */
export const SERVICE_ACCOUNTS = ["gateway", "engine", "web", "jobs"] as const;
export type ServiceAccountName = (typeof SERVICE_ACCOUNTS)[number];

/**
 * Priority classes and their values. Who does not fit pushes out who is lower.
 *
 * The spare is at -10: below it the cluster autoscaler makes no node for a pod, and a spare without a node is of no use.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md (expendable pods).
 */
export const PRIORITY_CLASSES = {
  /** Exporters: one on each node, however full it is. Not `system-node-critical`, which is for kube-system only. */
  exporter: { name: "llm-exporter", value: 100_000 },
  gateway: { name: "llm-gateway", value: 10_000 },
  engine: { name: "llm-engine", value: 1_000 },
  /** Keeps a node warm, and leaves it to the first engine that needs it. */
  spare: { name: "llm-spare", value: -10 },
} as const;

/** Service of the Qdrant cluster, as the workload's namespace reaches it. REST is on `DATA_PORTS.qdrant`. */
export const QDRANT_HOST = `qdrant.${NAMESPACES.platform}.svc.cluster.local`;
