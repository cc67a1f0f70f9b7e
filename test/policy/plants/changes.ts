import { edit, editIn, GPU, type Plant } from "./plant";

const CLUSTER = "google_container_cluster";
const VM = "google_compute_instance";

export const CHANGES_PLANTS: readonly Plant[] = [
  edit("labels-replace-no-machine", "labels that are not ignored", VM, { lifecycle: undefined }, GPU),
  edit("labels-replace-no-machine", "other attributes ignored", VM, { "lifecycle.ignore_changes": ["metadata"] }, GPU),
  edit("policies-let-go-first", "a check deleted first", "google_monitoring_uptime_check_config", {
    lifecycle: undefined,
  }),
  edit("policies-let-go-first", "a channel deleted first", "google_monitoring_notification_channel", {
    lifecycle: undefined,
  }),
  edit("protection-refuses-at-plan", "a cluster whose pools go first", CLUSTER, { "lifecycle.prevent_destroy": false }),
  edit(
    "protection-refuses-at-plan",
    "a machine",
    VM,
    { "lifecycle.prevent_destroy": undefined },
    { name: "terrace-production-qdrant" },
  ),
  edit("protection-refuses-at-plan", "a store", "google_memorystore_instance", { lifecycle: undefined }),
  editIn(
    "demo",
    "zero-values-are-left-out",
    "tags that may move, said",
    "google_artifact_registry_repository",
    { docker_config: { immutable_tags: false } },
    { repository_id: "terrace-demo" },
  ),
  edit("zero-values-are-left-out", "a tile at zero", "google_monitoring_dashboard", {
    dashboard_json: JSON.stringify({ mosaicLayout: { columns: 48, tiles: [{ xPos: 0, width: 16 }] } }),
  }),
  edit("zero-values-are-left-out", "a list of nothing", "google_monitoring_dashboard", {
    dashboard_json: JSON.stringify({ mosaicLayout: { columns: 48, tiles: [] } }),
  }),
];
