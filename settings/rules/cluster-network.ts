import { scalingInput } from "../../planning/cluster-scale";
import { isPrivateRange, overlaps, parseCidr, usableAddresses } from "../../planning/network";
import { scalingChain } from "../../planning/scaling";
import type { SettingsProblem } from "../schema/problems";
import { rule } from "./rule";

/** The only size that the control plane's range may have. https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept */
const CONTROL_PLANE_PREFIX = 28;
/** Range that GKE cuts out for the pods of each node, at its default of 110. https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr */
const PODS_PREFIX_PER_NODE = 24;
/** Smallest range of Services that GKE takes. https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#range_limits */
const SMALLEST_SERVICES_PREFIX = 27;

const AT = "kubernetes.network";

/** Ranges of the cluster touch neither each other nor the environment's. */
const disjoint = rule(["network", "kubernetes"], ({ network, kubernetes }) => {
  if (kubernetes === null) return [];
  const named = {
    ...Object.fromEntries(Object.entries(network).map(([name, range]) => [`network.${name}`, range])),
    ...Object.fromEntries(Object.entries(kubernetes.network).map(([name, range]) => [`${AT}.${name}`, range])),
  };
  return overlaps(named)
    .filter(({ names: [, second] }) => second.startsWith(AT))
    .map(({ names: [first, second], ranges: [a, b] }) => ({
      path: second,
      value: b,
      rule: `overlaps ${first} = ${a}`,
      fix: "move one of the two ranges",
    }));
});

const privateOnly = rule(["kubernetes"], ({ kubernetes }) =>
  Object.entries(kubernetes?.network ?? {}).flatMap(([name, text]): SettingsProblem[] => {
    const parsed = parseCidr(text);
    if (!parsed.ok || isPrivateRange(parsed.cidr)) return [];
    return [
      {
        path: `${AT}.${name}`,
        value: text,
        rule: "is not a private range of RFC 1918",
        fix: "use a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
      },
    ];
  }),
);

const controlPlane = rule(["kubernetes"], ({ kubernetes }) => {
  const text = kubernetes?.network.controlPlaneCidr ?? "";
  const parsed = parseCidr(text);
  if (!parsed.ok || parsed.cidr.prefix === CONTROL_PLANE_PREFIX) return [];
  return [
    {
      path: `${AT}.controlPlaneCidr`,
      value: text,
      rule: `must be a /${CONTROL_PLANE_PREFIX}, neither larger nor smaller`,
      fix: `write ${text.replace(/\/\d+$/, `/${CONTROL_PLANE_PREFIX}`)}`,
    },
  ];
});

/** Every node that may come to exist has its address, and its pods have theirs. */
const largeEnough = rule(["kubernetes", "profile", "machine", "groups"], ({ kubernetes, ...settings }) => {
  if (kubernetes === null) return [];
  const { gpuNodes, cpuNodes } = scalingChain(scalingInput(settings, kubernetes)).figures;
  const nodes = gpuNodes.max + cpuNodes.max;
  const { nodesCidr, podsCidr, servicesCidr } = kubernetes.network;
  const [forNodes, forPods, forServices] = [nodesCidr, podsCidr, servicesCidr].map(parseCidr);
  const problems: SettingsProblem[] = [];
  if (forNodes?.ok && usableAddresses(forNodes.cidr) < nodes) {
    problems.push({
      path: `${AT}.nodesCidr`,
      value: nodesCidr,
      rule: `holds ${usableAddresses(forNodes.cidr)} nodes, and ${nodes} may come to exist`,
      fix: "widen it, or lower autoProvisioning",
    });
  }
  if (forPods?.ok && 2 ** (PODS_PREFIX_PER_NODE - forPods.cidr.prefix) < nodes) {
    problems.push({
      path: `${AT}.podsCidr`,
      value: podsCidr,
      rule: `holds the pods of ${Math.floor(2 ** (PODS_PREFIX_PER_NODE - forPods.cidr.prefix))} nodes, which take a /${PODS_PREFIX_PER_NODE} each, and ${nodes} nodes may come to exist`,
      fix: `widen it to /${PODS_PREFIX_PER_NODE - Math.ceil(Math.log2(nodes))} or more, or lower autoProvisioning`,
    });
  }
  if (forServices?.ok && forServices.cidr.prefix > SMALLEST_SERVICES_PREFIX) {
    problems.push({
      path: `${AT}.servicesCidr`,
      value: servicesCidr,
      rule: `is smaller than /${SMALLEST_SERVICES_PREFIX}`,
      fix: `widen it to /${SMALLEST_SERVICES_PREFIX} or more`,
    });
  }
  return problems;
});

export const clusterNetworkRules = [disjoint, privateOnly, controlPlane, largeEnough];
