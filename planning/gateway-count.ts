import { type ClusterScale, clusterColours } from "./cluster-scale";
import { type MachineGroup, machinesOf } from "./machine-groups";
import { podPlacement } from "./pod-placement";

/** Most gateways that may run side by side: one on each machine, and the cluster's pods. They share every store. */
export function gatewayCount(groups: readonly MachineGroup[], cluster: ClusterScale | null): number {
  const machines = groups.reduce((sum, group) => sum + machinesOf(group).max, 0);
  return machines + (cluster === null ? 0 : gatewayPods(cluster, groups));
}

function gatewayPods(cluster: ClusterScale, groups: readonly MachineGroup[]): number {
  const { gateway } = cluster;
  if (!gateway.besideEngine) return gateway.maxReplicas;
  const pods = Object.values(clusterColours(cluster).deployed).reduce((sum, { max }) => sum + max, 0);
  return pods * podPlacement(groups[0]?.engines ?? []).length;
}
