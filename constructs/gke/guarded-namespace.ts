import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { Construct } from "constructs";

export interface GuardedNamespaceProps {
  readonly name: string;
  /** Pod Security `privileged`, with its reason. @default `restricted` */
  readonly privilegedBecause?: string | undefined;
  /** Of all pods together. @default none */
  readonly gpus?: number | undefined;
  /** GiB of all volume claims together. @default no limit */
  readonly storageGib?: number | undefined;
}

/** With `latest`, an upgrade could refuse pods that ran before. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
const POD_SECURITY_VERSION = "v1.32";

/**
 * Pod Security and a quota, which refuses Services of type LoadBalancer and NodePort: the only ways in are the Ingress
 * and the endpoint groups. It limits neither CPU nor memory, which would refuse pods without requests, such as a
 * chart's hooks.
 * @example
 * new GuardedNamespace(this, "serving", { name: "llm-serving", gpus: 20 });
 */
export class GuardedNamespace extends Construct {
  /** Known once the namespace exists, so that Terraform orders what uses it. */
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
