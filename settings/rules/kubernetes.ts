import { scalingInput } from "../../planning/cluster-scale";
import { L4_ZONES, l4Zones, regionOfZone } from "../../planning/gpus";
import { AVAILABLE_REPLICAS, type ScalingProblem, scalingChain } from "../../planning/scaling";
import { changeProblem, stateProblem, type TrafficProblem } from "../../planning/traffic";
import type { SettingsProblem } from "../schema/problems";
import type { KubernetesSettings, Settings } from "../schema/settings";
import { type Rule, rule } from "./rule";

/** A rule over the cluster and other sections; it holds where there is no cluster. */
function clusterRule<K extends keyof Settings>(
  needs: readonly K[],
  check: (kubernetes: KubernetesSettings, settings: Pick<Settings, K>) => readonly SettingsProblem[],
): Rule {
  return (sections) => {
    const { kubernetes } = sections;
    if (kubernetes === undefined || kubernetes === null) return [];
    return rule(needs, (settings) => check(kubernetes, settings))(sections);
  };
}

/** Nodes are in the region, and some of them where there are L4s. */
const zones = clusterRule(["region", "profile"], ({ zones }, { region, profile }) => {
  const elsewhere = zones.flatMap((zone, index): SettingsProblem[] =>
    regionOfZone(zone) === region
      ? []
      : [
          {
            path: `kubernetes.zones[${index}]`,
            value: zone,
            rule: `is not in the region ${region}`,
            fix: "use a zone of the region, or change the region",
          },
        ],
  );
  const withL4 = new Set(zones.filter((zone) => zone in L4_ZONES));
  const needed = profile === "production" ? AVAILABLE_REPLICAS : 1;
  if (elsewhere.length > 0 || withL4.size >= needed) return elsewhere;
  const choices = l4Zones().filter((zone) => regionOfZone(zone) === region);
  return [
    {
      path: "kubernetes.zones",
      value: zones,
      rule:
        withL4.size === 0
          ? "are no zones known to have L4 GPUs"
          : `have L4 GPUs in ${[...withL4].join(", ")} only, whose loss ends a production service`,
      fix: `use ${choices.length > 0 ? choices.join(", ") : "a region with L4s"}`,
    },
  ];
});

/** The Ingress' certificate is made for a host that leads to the Ingress and to nothing else. */
const host = clusterRule(["domain"], ({ host }, { domain }) => {
  const at = { path: "kubernetes.host", value: host };
  if (domain === null) {
    return [{ ...at, rule: "needs a public DNS zone, and there is no domain", fix: "add domain: { host, dnsZone }" }];
  }
  if ([domain.host, ...domain.aliases].includes(host)) {
    return [
      {
        ...at,
        rule: "is a name of the service, which the load balancer's address serves: the Ingress' ManagedCertificate would never become active",
        fix: `use another host of ${domain.dnsZone}, such as gke.${domain.host}`,
      },
    ];
  }
  if (host.endsWith(`.${domain.dnsZone}`)) return [];
  return [
    {
      ...at,
      rule: `does not lie in the zone ${domain.dnsZone}`,
      fix: `use a host of the zone, such as gke.${domain.host}`,
    },
  ];
});

/** A least above its most. */
const bounds = clusterRule([], ({ cpuPool, gpuPool, engines, gateway }) =>
  [
    { path: "cpuPool.minNodes", min: cpuPool.minNodes, max: cpuPool.maxNodes, most: "maxNodes" },
    { path: "gpuPool.minNodes", min: gpuPool.minNodes, max: gpuPool.maxNodes, most: "maxNodes" },
    { path: "engines.minReplicas", min: engines.minReplicas, max: engines.maxReplicas, most: "maxReplicas" },
    { path: "gateway.minReplicas", min: gateway.minReplicas, max: gateway.maxReplicas, most: "maxReplicas" },
  ].flatMap(({ path, min, max, most }): SettingsProblem[] =>
    min <= max
      ? []
      : [
          {
            path: `kubernetes.${path}`,
            value: min,
            rule: `is more than ${most}, ${max}`,
            fix: `lower it to ${max}, or raise ${most}`,
          },
        ],
  ),
);

/** The engines' traffic is shared out, all of it. */
const colours = clusterRule([], ({ colours: { blue, green } }) =>
  blue + green === 100
    ? []
    : [
        {
          path: "kubernetes.colours",
          value: { blue, green },
          rule: `must sum to 100: together they are ${blue + green}`,
          fix: `write blue: ${100 - green}, green: ${green}`,
        },
      ],
);

/** Pods, pools, limits and quota fit each other. */
const scaling = clusterRule(["profile", "machine", "groups"], (kubernetes, settings) =>
  scalingChain(scalingInput(settings, kubernetes)).problems.map(scalingMistake),
);

function scalingMistake({ field, value, needed, why }: ScalingProblem): SettingsProblem {
  return {
    path: `kubernetes.${field}`,
    value,
    rule: `is below ${needed}: ${why}`,
    fix: field.startsWith("quota.")
      ? `ask Google for ${needed} and write what it grants, or lower autoProvisioning and gpuPool`
      : `raise it to ${needed}${field.startsWith("gpuPool.max") ? ", or lower engines.maxReplicas" : ""}`,
  };
}

/** The move's next state is one, and one apply away from what is applied now. */
const traffic = clusterRule([], ({ traffic: { previous, ...next } }) => {
  const at = (path: string, state: typeof next) => (problem: TrafficProblem) => ({
    path: `${path}.${problem.field}`,
    value: state[problem.field],
    rule: problem.rule,
    fix: problem.fix,
  });
  const wrong = [
    ...[stateProblem(previous) ?? []].flat().map(at("kubernetes.traffic.previous", previous)),
    ...[stateProblem(next) ?? []].flat().map(at("kubernetes.traffic", next)),
  ];
  if (wrong.length > 0) return wrong;
  return [changeProblem(previous, next) ?? []].flat().map(at("kubernetes.traffic", next));
});

export const kubernetesRules = [zones, host, bounds, colours, scaling, traffic];
