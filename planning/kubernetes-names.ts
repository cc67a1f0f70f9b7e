/** Exporters must see the node: the one exception to Pod Security `restricted`. */
export const EXPORTERS_NAMESPACE = "exporters";

/**
 * The spare is at -10: below it the cluster autoscaler makes no node for a pod.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md (expendable pods)
 */
export const PRIORITY_CLASSES = {
  /** Not `system-node-critical`, which is for kube-system only. */
  exporter: {
    name: "llm-exporter",
    value: 100_000,
    description: "Exporters: one on each node, however full it is.",
  },
  gateway: { name: "llm-gateway", value: 10_000, description: "Gateways: without them no engine is reached." },
  engine: { name: "llm-engine", value: 1_000, description: "Engines." },
  spare: {
    name: "llm-spare",
    value: -10,
    description: "Placeholder that keeps a GPU node warm and leaves it to the first engine that needs it.",
  },
} as const;
