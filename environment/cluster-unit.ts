import { clusterColours } from "../planning/cluster-scale";
import type { EngineColours } from "../planning/engine-colours";
import type { EnginePlacement } from "../planning/engine-placement";
import { type Grace, SPOT_POD_GRACE } from "../planning/grace";
import { POD_ACCOUNTS } from "../planning/names";
import { podPlacement } from "../planning/pod-placement";
import type { Rollout } from "../planning/rollout";
import { type ServingUnit, servingUnit } from "../planning/serving-unit";
import type { KubernetesSettings } from "../settings/schema/settings";
import type { Environment } from "./environment";
import { sharedStoresOfPods } from "./store-addresses";
import { unitProps } from "./unit-props";

/** What the cluster runs. */
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
export function clusterUnit(environment: Environment, kubernetes: KubernetesSettings): ClusterUnit {
  const { settings } = environment;
  const [group] = settings.groups;
  if (group === undefined) throw new RangeError("no group says which models the cluster runs");
  const engines = podPlacement(group.engines);
  const { besideEngine } = kubernetes.gateway;
  const engineGrace = hasSpot(kubernetes) ? SPOT_POD_GRACE : settings.grace;
  return {
    unit: servingUnit({
      ...unitProps(environment, POD_ACCOUNTS.gateway),
      stores: sharedStoresOfPods(environment, POD_ACCOUNTS.gateway),
      engines,
      // The cluster's backends are balanced by rate, and its autoscalers read Prometheus.
      reportLoad: false,
      // The kubelet sends a pod on a reclaimed node its SIGTERM; a pod's metadata server does not announce it.
      preemptible: false,
      topology: besideEngine ? "shared-pod" : "pods",
      // Gateways in pods of their own never run on Spot nodes, and keep their time.
      grace: besideEngine
        ? engineGrace
        : { ...settings.grace, engineShutdownSeconds: engineGrace.engineShutdownSeconds },
    }),
    engineGrace,
    colours: clusterColours(kubernetes),
    requestsPerGateway: engines.reduce((sum: number, { maxNumSeqs }: EnginePlacement) => sum + maxNumSeqs, 0),
  };
}

/** What its releases wait for. */
export function clusterRollout(
  { unit, engineGrace }: ClusterUnit,
  { engines: { maxReplicas } }: KubernetesSettings,
): Rollout {
  const { preStopSeconds, gatewayDrainSeconds, engineShutdownSeconds } = engineGrace;
  return {
    models: unit.models,
    replicas: maxReplicas,
    stopSeconds: preStopSeconds + gatewayDrainSeconds + engineShutdownSeconds,
  };
}

/** Whether an engine's pod may run on a Spot node. */
export function hasSpot({ gpuPool }: KubernetesSettings): boolean {
  return gpuPool.spotMaxNodes > 0;
}
