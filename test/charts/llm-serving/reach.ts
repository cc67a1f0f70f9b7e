/** Who may call whom, by the network policies: an evaluator of the part of the API that the chart uses. */
import { blocksAt, type JsonObject, numberAt, textAt, textsAt } from "../../support/json";
import { at, matchesLabels, ofKind } from "./manifests";

/** An end of a connection: a pod of a namespace, or an address outside. */
export type Peer = { readonly namespace: string; readonly labels: JsonObject } | { readonly range: string };

/** Namespace of the rendered objects. */
const OWN = "llm-serving";

function matches(selector: JsonObject | undefined, labels: JsonObject): boolean {
  if (selector === undefined) return true;
  const expressions = blocksAt(selector, "matchExpressions").every((expression) =>
    textsAt(expression, "values").includes(String(labels[textAt(expression, "key") ?? ""])),
  );
  return expressions && matchesLabels(at(selector, "matchLabels"), labels);
}

function peerMatches(peer: JsonObject, other: Peer): boolean {
  if ("range" in other) return textAt(at(peer, "ipBlock"), "cidr") === other.range;
  if (peer.ipBlock !== undefined) return false;
  const [namespaces] = blocksAt(peer, "namespaceSelector");
  const [pods] = blocksAt(peer, "podSelector");
  const sameNamespace =
    namespaces === undefined
      ? other.namespace === OWN
      : matches(namespaces, { "kubernetes.io/metadata.name": other.namespace });
  return sameNamespace && matches(pods, other.labels);
}

function allowed(
  objects: readonly JsonObject[],
  pod: JsonObject,
  direction: "Ingress" | "Egress",
  other: Peer,
  port: number,
) {
  const policies = ofKind(objects, "NetworkPolicy")
    .map((policy) => at(policy, "spec"))
    .filter((spec) => textsAt(spec, "policyTypes").includes(direction))
    .filter((spec) => matches(at(spec, "podSelector"), pod));
  // A pod that no policy selects may do everything.
  if (policies.length === 0) return true;
  const [rules, peers] = direction === "Ingress" ? (["ingress", "from"] as const) : (["egress", "to"] as const);
  return policies.some((spec) =>
    blocksAt(spec, rules).some(
      (rule) =>
        blocksAt(rule, peers).some((peer) => peerMatches(peer, other)) &&
        blocksAt(rule, "ports").some((entry) => numberAt(entry, "port") === port),
    ),
  );
}

/** Whether a pod of the release may be called by the other on the port. */
export function mayBeCalled(objects: readonly JsonObject[], pod: JsonObject, by: Peer, port: number): boolean {
  return allowed(objects, pod, "Ingress", by, port);
}

/** Whether a pod of the release may call the other on the port. */
export function mayCall(objects: readonly JsonObject[], pod: JsonObject, other: Peer, port: number): boolean {
  return allowed(objects, pod, "Egress", other, port);
}
