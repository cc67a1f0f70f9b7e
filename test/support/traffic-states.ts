import { CLUSTER_SHARES, type TrafficState } from "../../planning/traffic";

/** Everything on the VMs, and no cluster behind the load balancer: where the move begins and where undoing it ends. */
export const VMS_ALONE: TrafficState = { vm: 100, gke: 0, attached: false };

/** Every state of the traffic that may be applied. */
export const TRAFFIC_STATES: readonly TrafficState[] = [
  VMS_ALONE,
  ...CLUSTER_SHARES.map((gke) => ({ vm: 100 - gke, gke, attached: true })),
];
