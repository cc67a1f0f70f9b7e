import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { Construct } from "constructs";

export interface GuardedNamespaceProps {
  readonly name: string;
  /**
   * What Pod Security lets pods do. `privileged` is for exporters that must see the node, with the reason.
   * @default `restricted`
   */
  readonly privilegedBecause?: string | undefined;
  /** Most GPUs that all pods together may ask for. @default none */
  readonly gpus?: number | undefined;
  /** Most gibibytes that all volume claims together may ask for. @default no limit */
  readonly storageGib?: number | undefined;
}

/**
 * Version of the Pod Security profiles. Pinned: with `latest`, an upgrade of the control plane may refuse pods that ran
 * the day before. https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
const POD_SECURITY_VERSION = "v1.32";

/**
 * A namespace with Pod Security and a quota.
 *
 * The quota refuses Services of type LoadBalancer and NodePort: each would be a way in that no firewall review sees, and
 * the only ways in here are the Ingress and the endpoint groups. It limits neither CPU nor memory: then a pod without
 * requests, such as a chart's hook, would be refused; the cluster's own limits bound those.
 *
 * @example
 * new GuardedNamespace(this, "serving", { name: "llm-serving", gpus: 20 });
 */
export class GuardedNamespace extends Construct {
  /** Name, known once the namespace exists: use it, and Terraform makes the namespace first. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: GuardedNamespaceProps) {
    super(scope, id);
    const profile = props.privilegedBecause === undefined ? "restricted" : "privileged";
    const namespace = new NamespaceV1(this, "namespace", {
      metadata: {
        name: props.name,
        labels: {
          "app.kubernetes.io/managed-by": "terrace",
          "pod-security.kubernetes.io/enforce": profile,
          "pod-security.kubernetes.io/enforce-version": POD_SECURITY_VERSION,
          "pod-security.kubernetes.io/warn": profile,
          "pod-security.kubernetes.io/warn-version": POD_SECURITY_VERSION,
        },
        ...(props.privilegedBecause === undefined
          ? {}
          : { annotations: { "terrace.dev/privileged-because": props.privilegedBecause } }),
      },
    });
    this.name = namespace.metadata.name;
    new ResourceQuotaV1(this, "quota", {
      metadata: { name: "terrace", namespace: this.name },
      spec: {
        hard: {
          "requests.nvidia.com/gpu": String(props.gpus ?? 0),
          "services.loadbalancers": "0",
          "services.nodeports": "0",
          ...(props.storageGib === undefined ? {} : { "requests.storage": `${props.storageGib}Gi` }),
        },
      },
    });
  }
}
