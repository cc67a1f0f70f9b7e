import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { METRICS_ADAPTER_PORT } from "../../planning/metrics-api";
import { type AllowRuleProps, FirewallRule } from "../network/firewall-rule";
import { PRIVATE_GOOGLE_ACCESS } from "../network/google-apis-dns";
import { HEALTH_CHECK_RANGES } from "../network/serving-firewall";

const HTTPS_PORT = 443;
/** Konnectivity: nodes open the connection by which the control plane reaches pods. https://cloud.google.com/kubernetes-engine/docs/troubleshooting/kubectl */
const KONNECTIVITY_PORT = 8132;

export interface ClusterFirewallProps {
  readonly name: string;
  readonly network: string;
  /** E-mail addresses. */
  readonly nodeAccounts: readonly string[];
  readonly nodesCidr: string;
  readonly podsCidr: string;
  readonly controlPlaneCidr: string;
  /** Of the gateway's pods. */
  readonly appPort: number;
  /** On the internet, for monitoring. @default none */
  readonly alertPorts?: readonly number[];
  /** @default the gateways embed by themselves */
  readonly embeddings?: { readonly range: string; readonly port: number } | undefined;
  /** @default pods keep no data outside the cluster */
  readonly data?:
    | {
        readonly servicesCidr: string;
        /** Of the machines, Memorystore's endpoint and the vector store. */
        readonly servingCidr: string;
        readonly postgresPort: number;
        readonly redisPort: number;
        readonly vectorStorePort: number;
        /** E-mail address. */
        readonly vectorStoreAccount: string;
      }
    | undefined;
}

type Rule = Omit<AllowRuleProps, "name" | "network" | "kind">;

/**
 * What nodes and pods may reach, and who may reach them, in a network that denies the rest.
 * - GKE assumes that everything may go out. Without these rules nodes never join, and the cluster's creation fails
 *   late.
 * - Nodes and pods reach each other on every port; NetworkPolicies decide inside.
 * - Front ends and health checks reach gateway pods directly: GKE makes that rule for an Ingress, not for standalone
 *   endpoint groups.
 * - The control plane calls the metrics adapter on 6443; where it is closed, autoscalers stop without an error.
 * - Only monitoring's ports lead to the internet; a firewall tells nodes apart, not pods.
 * @example
 * new ClusterFirewall(this, "firewall", {
 *   name: names.cluster, network: names.networkLink(), nodeAccounts: [nodes.email, autoNodes.email], appPort: 8001,
 *   nodesCidr: "10.22.0.0/22", podsCidr: "10.32.0.0/14", controlPlaneCidr: "10.37.0.0/28",
 * });
 */
export class ClusterFirewall extends Construct {
  /** For the cluster's `dependsOn`: its first nodes need the rules. */
  readonly rules: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ClusterFirewallProps) {
    super(scope, id);
    const { name, network } = props;
    const named = Object.entries({
      ...baseRules(props),
      ...alertRule(props),
      ...dataRules(props),
      ...embeddingRules(props),
    }).map(
      ([rule, content]) =>
        new FirewallRule(this, rule, { ...content, kind: "allow", name: `${name}-${rule}`, network }).resource,
    );
    const inside = new ComputeFirewall(this, "allow-inside", {
      name: `${name}-allow-inside`,
      network,
      description: "Nodes and pods to each other; which pods, NetworkPolicies say.",
      direction: "EGRESS",
      allow: ["tcp", "udp"].map((protocol) => ({ protocol, ports: ["1-65535"] })),
      destinationRanges: [props.nodesCidr, props.podsCidr],
      targetServiceAccounts: [...props.nodeAccounts],
    });
    this.rules = [...named, inside];
  }
}

function baseRules(props: ClusterFirewallProps): Record<string, Rule> {
  const targetServiceAccounts = props.nodeAccounts;
  return {
    "allow-google-apis": {
      direction: "EGRESS",
      description: "Google APIs by private.googleapis.com: images, weights, logs, metrics, the pods' own accounts.",
      peer: { ranges: [PRIVATE_GOOGLE_ACCESS.range] },
      tcpPorts: [HTTPS_PORT],
      targetServiceAccounts,
    },
    "allow-control-plane": {
      direction: "EGRESS",
      description: "Nodes to the control plane, and the connection through which it reaches pods.",
      peer: { ranges: [props.controlPlaneCidr] },
      tcpPorts: [HTTPS_PORT, KONNECTIVITY_PORT],
      targetServiceAccounts,
    },
    "allow-metrics-adapter": {
      direction: "INGRESS",
      description: "The control plane to the metrics adapter, for pod autoscaling.",
      peer: { ranges: [props.controlPlaneCidr] },
      tcpPorts: [METRICS_ADAPTER_PORT],
      targetServiceAccounts,
    },
    "allow-health-checks": {
      direction: "INGRESS",
      description: "Load balancer and its health checks to the gateway's pods.",
      peer: { ranges: HEALTH_CHECK_RANGES },
      tcpPorts: [props.appPort],
      targetServiceAccounts,
    },
  };
}

function alertRule({ nodeAccounts, alertPorts = [] }: ClusterFirewallProps): Record<string, Rule> {
  if (alertPorts.length === 0) return {};
  return {
    "allow-alerts-out": {
      direction: "EGRESS",
      description: "Alertmanager to whom it tells, and the probe of the public names; their addresses change.",
      peer: { ranges: ["0.0.0.0/0"] },
      tcpPorts: alertPorts,
      targetServiceAccounts: nodeAccounts,
    },
  };
}

function embeddingRules({ embeddings, nodeAccounts }: ClusterFirewallProps): Record<string, Rule> {
  if (embeddings === undefined) return {};
  return {
    "allow-embeddings-out": {
      direction: "EGRESS",
      description: "Gateways to the server that embeds texts; which pods, NetworkPolicies say.",
      peer: { ranges: [embeddings.range] },
      tcpPorts: [embeddings.port],
      targetServiceAccounts: nodeAccounts,
    },
  };
}

function dataRules({ data, podsCidr, nodeAccounts }: ClusterFirewallProps): Record<string, Rule> {
  if (data === undefined) return {};
  return {
    "allow-postgres-out": {
      direction: "EGRESS",
      description: "Pods to Cloud SQL over private services access.",
      peer: { ranges: [data.servicesCidr] },
      tcpPorts: [data.postgresPort],
      targetServiceAccounts: nodeAccounts,
    },
    "allow-stores-out": {
      direction: "EGRESS",
      description: "Pods to the stores that the VMs use too: Memorystore and the vector database.",
      peer: { ranges: [data.servingCidr] },
      tcpPorts: [data.redisPort, data.vectorStorePort],
      targetServiceAccounts: nodeAccounts,
    },
    "allow-qdrant": {
      direction: "INGRESS",
      description: "Pods to the vector database that the VMs use too.",
      peer: { ranges: [podsCidr] },
      tcpPorts: [data.vectorStorePort],
      targetServiceAccounts: [data.vectorStoreAccount],
    },
  };
}
