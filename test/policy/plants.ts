import { CHANGES_PLANTS } from "./plants/changes";
import { CLUSTER_PLANTS } from "./plants/cluster";
import { DATA_PLANTS } from "./plants/data";
import { EDGE_PLANTS } from "./plants/edge";
import { IDENTITY_PLANTS } from "./plants/identity";
import { LABELS_PLANTS } from "./plants/labels";
import { LOAD_BALANCING_PLANTS } from "./plants/load-balancing";
import { MACHINES_PLANTS } from "./plants/machines";
import { NETWORK_PLANTS } from "./plants/network";
import type { Plant } from "./plants/plant";

/** A mistake for every rule; several where it can be broken in several ways. */
export const PLANTS: readonly Plant[] = [
  ...MACHINES_PLANTS,
  ...LOAD_BALANCING_PLANTS,
  ...EDGE_PLANTS,
  ...NETWORK_PLANTS,
  ...IDENTITY_PLANTS,
  ...DATA_PLANTS,
  ...LABELS_PLANTS,
  ...CLUSTER_PLANTS,
  ...CHANGES_PLANTS,
];
