import { engineColours } from "../planning/engine-colours";
import { podPlacement } from "../planning/pod-placement";
import { machinesOf } from "./machines";
import type { KubernetesSettings, Settings } from "./settings";

type Needed = Pick<Settings, "groups" | "kubernetes">;

/** Most gateways that may run side by side: one on each machine, and the cluster's pods. They share every store. */
export function gatewayCount({ groups, kubernetes }: Needed): number {
  const machines = groups.reduce((sum, group) => sum + machinesOf(group).max, 0);
  return machines + (kubernetes === null ? 0 : gatewayPods(kubernetes, groups));
}

function gatewayPods({ gateway, engines, colours }: KubernetesSettings, groups: Settings["groups"]): number {
  if (!gateway.besideEngine) return gateway.maxReplicas;
  const { deployed } = engineColours({
    shares: colours,
    serving: colours.serving,
    replicas: { min: engines.minReplicas, max: engines.maxReplicas },
  });
  const pods = Object.values(deployed).reduce((sum, { max }) => sum + max, 0);
  return pods * podPlacement(groups[0]?.engines ?? []).length;
}
