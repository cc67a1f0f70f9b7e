import { type EngineColours, engineColours } from "../planning/engine-colours";
import { SPOT_POD_GRACE } from "../planning/grace";
import { type Names, POD_ACCOUNTS } from "../planning/names";
import { podPlacement } from "../planning/pod-placement";
import { type EnginePlacement, type Grace, type ServingUnit, servingUnit } from "../planning/serving-unit";
import type { KubernetesSettings, Settings } from "./settings";
import { sharedStoresOfPods } from "./shared-stores";
import { unitProps } from "./unit";

/** What the cluster runs, from the settings. */
export interface ClusterUnit {
  /** The models of the first group: the same containers as on its VMs, at other addresses. */
  readonly unit: ServingUnit;
  /** Grace times of an engine's pod, which Spot capacity shortens. */
  readonly engineGrace: Grace;
  readonly colours: EngineColours;
  /** Most requests that one gateway keeps in flight, over all models. */
  readonly requestsPerGateway: number;
}

/** @throws RangeError without a group; settings are checked before, so this is a defect. */
export function clusterUnit(settings: Settings, names: Names, kubernetes: KubernetesSettings): ClusterUnit {
  const [group] = settings.groups;
  if (group === undefined) throw new RangeError("no group says which models the cluster runs");
  const engines = podPlacement(group.engines);
  const { besideEngine } = kubernetes.gateway;
  const engineGrace = hasSpot(kubernetes) ? SPOT_POD_GRACE : settings.grace;
  return {
    unit: servingUnit({
      ...unitProps(settings, names, POD_ACCOUNTS.gateway),
      stores: sharedStoresOfPods(settings, names, POD_ACCOUNTS.gateway),
      engines,
      // The cluster's backends are balanced by rate, and its autoscalers ask Prometheus.
      reportLoad: false,
      // The kubelet sends a pod on a reclaimed node its SIGTERM; a pod's metadata server tells nothing of the node.
      preemptible: false,
      topology: besideEngine ? "shared-pod" : "pods",
      // Gateways of their own never stand on Spot nodes, and keep their time.
      grace: besideEngine
        ? engineGrace
        : { ...settings.grace, engineShutdownSeconds: engineGrace.engineShutdownSeconds },
    }),
    engineGrace,
    colours: coloursOf(kubernetes),
    requestsPerGateway: engines.reduce((sum: number, { maxNumSeqs }: EnginePlacement) => sum + maxNumSeqs, 0),
  };
}

/** Whether an engine's pod may stand on a Spot node. */
export function hasSpot({ gpuPool }: KubernetesSettings): boolean {
  return gpuPool.spotMaxNodes > 0;
}

function coloursOf({ colours, engines }: KubernetesSettings): EngineColours {
  return engineColours({
    shares: colours,
    serving: colours.serving,
    replicas: { min: engines.minReplicas, max: engines.maxReplicas },
  });
}
