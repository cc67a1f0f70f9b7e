import { edit, GPU, type Plant } from "./plant";

const VM = "google_compute_instance";

export const LABELS_PLANTS: readonly Plant[] = [
  edit(
    "labels-beyond-defaults",
    "an unlabelled boot disk",
    VM,
    { "boot_disk.initialize_params.labels": undefined },
    GPU,
  ),
  edit("labels-beyond-defaults", "an unlabelled alert", "google_monitoring_alert_policy", { user_labels: undefined }),
  edit("labels-beyond-defaults", "an unlabelled node", "google_container_node_pool", {
    "node_config.resource_labels": undefined,
  }),
  edit("one-spelling", "another spelling", VM, { "labels.managed_by": "terrace" }, GPU),
];
