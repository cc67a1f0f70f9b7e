import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { Construct } from "constructs";
import { DATA_PORTS } from "../../planning/data-ports";
import { QDRANT_PEER_PORT, QDRANT_POD_LABELS } from "./qdrant-values";

/**
 * NodeLocal DNSCache and Cloud DNS are no pods.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache,
 * https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-dns
 */
const NODE_NAME_SERVERS = ["169.254.20.10/32", "169.254.169.254/32"] as const;

export interface QdrantAccessProps {
  readonly namespace: string;
  readonly workloadNamespace: string;
}

/**
 * Qdrant takes no key: the workload's pods, Prometheus and its own pods reach it. The workload's policies say which of
 * its pods may leave for it.
 * @example
 * new QdrantAccess(this, "qdrant-access", { namespace: "platform", workloadNamespace: "llm-serving" });
 */
export class QdrantAccess extends Construct {
  constructor(scope: Construct, id: string, { namespace, workloadNamespace }: QdrantAccessProps) {
    super(scope, id);
    const port = (number: number) => [{ protocol: "TCP", port: String(number) }];
    new NetworkPolicyV1(this, "policy", {
      metadata: { name: "qdrant", namespace },
      spec: {
        podSelector: { matchLabels: QDRANT_POD_LABELS },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": workloadNamespace } } },
              { podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } } },
            ],
            ports: port(DATA_PORTS.vectorStore),
          },
          { from: [{ podSelector: { matchLabels: QDRANT_POD_LABELS } }], ports: port(QDRANT_PEER_PORT) },
        ],
        egress: [
          { to: [{ podSelector: { matchLabels: QDRANT_POD_LABELS } }], ports: port(QDRANT_PEER_PORT) },
          {
            to: [
              { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
              ...NODE_NAME_SERVERS.map((cidr) => ({ ipBlock: { cidr } })),
            ],
            ports: [...port(53), { protocol: "UDP", port: "53" }],
          },
        ],
      },
    });
  }
}
