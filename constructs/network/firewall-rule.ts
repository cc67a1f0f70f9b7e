import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import { Construct } from "constructs";

export type FirewallPeer =
  /** IPv4, CIDR. */
  | { readonly ranges: readonly string[] }
  /** E-mail addresses; for ingress only. */
  | { readonly serviceAccounts: readonly string[] };

interface CommonProps {
  readonly name: string;
  readonly network: string;
  /** Why the rule exists, in one sentence. */
  readonly description: string;
}

export interface AllowRuleProps extends CommonProps {
  readonly kind: "allow";
  readonly direction: "INGRESS" | "EGRESS";
  readonly peer: FirewallPeer;
  /** There is no rule without ports. */
  readonly tcpPorts: readonly number[];
  /** E-mail addresses. */
  readonly targetServiceAccounts: readonly string[];
}

export interface DenyAllRuleProps extends CommonProps {
  readonly kind: "deny-all";
  readonly direction: "INGRESS" | "EGRESS";
}

export type FirewallRuleProps = AllowRuleProps | DenyAllRuleProps;

/** Google's default. https://cloud.google.com/firewall/docs/firewalls#priority_order_for_firewall_rules */
const ALLOW_PRIORITY = 1000;
/** One before the implied rules (65535), which cannot log. Same source. */
const DENY_ALL_PRIORITY = 65534;

/**
 * TCP ports to or from named machines, or everything denied and logged. By service account, not by network tag, which
 * whoever edits a VM may add. A rule without targets or ports cannot be written.
 * @example
 * new FirewallRule(this, "iap-ssh", {
 *   kind: "allow", direction: "INGRESS", name: "terrace-demo-iap-ssh", network, description: "SSH through IAP.",
 *   peer: { ranges: ["35.235.240.0/20"] }, tcpPorts: [22], targetServiceAccounts: [account],
 * });
 */
export class FirewallRule extends Construct {
  readonly resource: ComputeFirewall;

  constructor(scope: Construct, id: string, props: FirewallRuleProps) {
    super(scope, id);
    this.resource = new ComputeFirewall(this, "rule", {
      name: props.name,
      network: props.network,
      description: props.description,
      direction: props.direction,
      ...(props.kind === "allow" ? allow(props) : denyAll(props)),
    });
  }
}

function allow(props: AllowRuleProps) {
  if (props.tcpPorts.length === 0) throw new RangeError(`firewall rule ${props.name} names no port`);
  if (props.targetServiceAccounts.length === 0) throw new RangeError(`firewall rule ${props.name} names no machine`);
  if (props.direction === "EGRESS" && "serviceAccounts" in props.peer) {
    throw new RangeError(`firewall rule ${props.name}: a rule for outgoing traffic names its peers by range`);
  }
  return {
    priority: ALLOW_PRIORITY,
    allow: [{ protocol: "tcp", ports: props.tcpPorts.map(String) }],
    targetServiceAccounts: [...props.targetServiceAccounts],
    ...peerOf(props),
  };
}

function denyAll(props: DenyAllRuleProps) {
  return {
    priority: DENY_ALL_PRIORITY,
    deny: [{ protocol: "all" }],
    ...peerOf({ direction: props.direction, peer: { ranges: ["0.0.0.0/0"] } }),
    logConfig: { metadata: "INCLUDE_ALL_METADATA" },
  };
}

function peerOf({ direction, peer }: Pick<AllowRuleProps, "direction" | "peer">) {
  if ("serviceAccounts" in peer) return { sourceServiceAccounts: [...peer.serviceAccounts] };
  const ranges = [...peer.ranges];
  return direction === "INGRESS" ? { sourceRanges: ranges } : { destinationRanges: ranges };
}
