import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { METRICS_ADAPTER_PORT } from "../../planning/metrics-api";
import { type AllowRuleProps, FirewallRule } from "../network/firewall-rule";
import { PRIVATE_GOOGLE_ACCESS } from "../network/google-apis-dns";
import { HEALTH_CHECK_RANGES } from "../network/serving-firewall";

const HTTPS_PORT = 443;
/**
 * Konnectivity: agents on the nodes keep a connection to the control plane, through which it reaches pods in turn (logs,
 * exec, webhooks, metrics APIs). https://cloud.google.com/kubernetes-engine/docs/troubleshooting/kubectl
 */
const KONNECTIVITY_PORT = 8132;

export interface ClusterFirewallProps {
  /** Prefix of every rule's name. */
  readonly name: string;
  /** Network link or id. */
  readonly network: string;
  /** E-mail addresses of the accounts of all nodes. */
  readonly nodeAccounts: readonly string[];
  readonly nodesCidr: string;
  readonly podsCidr: string;
  readonly controlPlaneCidr: string;
  /** TCP port of the gateway's pods. */
  readonly appPort: number;
  /** TCP ports on the internet that the cluster's monitoring calls. @default none */
  readonly alertPorts?: readonly number[];
  /** A server that embeds texts for the gateways. @default they do so themselves */
  readonly embeddings?: { readonly range: string; readonly port: number } | undefined;
  /** @default pods keep no data outside the cluster */
  readonly data?:
    | {
        /** Range of private services access. */
        readonly servicesCidr: string;
        /** Range of the machines' subnet, where Memorystore's endpoint and the vector database are. */
        readonly servingCidr: string;
        readonly postgresPort: number;
        readonly redisPort: number;
        readonly vectorStorePort: number;
        /** E-mail address of the vector database's account. */
        readonly vectorStoreAccount: string;
      }
    | undefined;
}

type Rule = Omit<AllowRuleProps, "name" | "network" | "kind">;

/**
 * What a cluster's nodes and pods may reach in a network that denies everything else, and who may reach them.
 *
 * - GKE makes rules for what comes in between its nodes, pods and control plane, and counts on everything being allowed
 *   out. Here nothing is: without the rules below nodes never join, and the cluster's creation waits until it fails.
 * - Nodes and pods talk to each other on every port, TCP and UDP; inside, NetworkPolicies decide.
 * - The load balancer's front ends and health checks reach the gateway's pods directly. GKE makes that rule for an
 *   Ingress, not for endpoint groups that stand alone.
 * - The control plane calls the metrics adapter on 6443, and GKE's own rule lets it reach 443 and 10250 alone. Where the
 *   port is closed the API answers nothing, and pod autoscalers stand still without an error that anybody reads.
 * - To the internet only what tells of alerts and asks for the service's public name goes, on the ports given; a firewall
 *   tells nodes apart and not pods. Images come from Artifact Registry.
 *
 * @example
 * new ClusterFirewall(this, "firewall", {
 *   name: names.cluster, network: names.networkLink(), nodeAccounts: [nodes.email, autoNodes.email], appPort: 8001,
 *   nodesCidr: "10.22.0.0/22", podsCidr: "10.32.0.0/14", controlPlaneCidr: "10.37.0.0/28",
 * });
 */
export class ClusterFirewall extends Construct {
  /** For `dependsOn` of the cluster, whose first nodes need the rules. */
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
