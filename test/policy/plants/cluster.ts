import { edited } from "../../support/edit";
import { resourcesIn } from "../../support/stack-view";
import { environment } from "../../support/synthesized";
import { edit, editIn, type Plant } from "./plant";

const CLUSTER = "google_container_cluster";
const POOL = "google_container_node_pool";
const GPU = { name: "gpu" };
const ROUTES = { name: "terrace-production-routes" };

/** The cluster stays as it is; what it needs elsewhere is taken away, so the mistake shows at the cluster. */
function withoutWayOut(mistake: string, rule: string): Plant {
  const plant = () => {
    const production = environment("production");
    const { environment: broken } = edited(
      production,
      "google_compute_firewall",
      { destination_ranges: ["192.0.2.0/24"] },
      { name: `terrace-production-gke-${rule}` },
    );
    return { environment: broken, address: resourcesIn(production, CLUSTER)[0]?.address ?? "" };
  };
  return { rule: "nodes-have-a-way-out", mistake, into: "production", plant };
}

export const CLUSTER_PLANTS: readonly Plant[] = [
  edit("cluster-is-private", "public nodes", CLUSTER, { "private_cluster_config.enable_private_nodes": false }),
  edit("cluster-is-private", "a public control plane", CLUSTER, {
    "private_cluster_config.enable_private_endpoint": undefined,
  }),
  edit("cluster-is-hardened", "no Workload Identity", CLUSTER, { workload_identity_config: undefined }),
  edit("cluster-is-hardened", "the older data plane", CLUSTER, { datapath_provider: undefined }),
  edit("cluster-protection-is-said", "the default", CLUSTER, { deletion_protection: undefined }),
  edit("auto-provisioning-is-limited", "another spelling", CLUSTER, {
    "cluster_autoscaling.resource_limits[2].resource_type": "nvidia-l4-gpu",
  }),
  edit("auto-provisioning-is-limited", "no memory", CLUSTER, {
    "cluster_autoscaling.resource_limits[1]": { resource_type: "cpu", maximum: 1 },
  }),
  edit("nodes-have-their-own-account", "a pool", POOL, { "node_config.service_account": undefined }),
  edit("nodes-have-their-own-account", "auto-provisioned nodes", CLUSTER, {
    "cluster_autoscaling.auto_provisioning_defaults.service_account": undefined,
  }),
  edit("pools-count-all-zones", "a count for each zone", POOL, { "autoscaling.min_node_count": 1 }),
  edit("pools-count-all-zones", "no most", POOL, { "autoscaling.total_max_node_count": undefined }),
  edit("pods-do-not-see-the-node", "the node's metadata", POOL, {
    "node_config.workload_metadata_config.mode": "GCE_METADATA",
  }),
  edit("gpu-pools-do-not-surge", "a surge node", POOL, { "upgrade_settings.max_surge": 1 }, GPU),
  edit("gpu-pools-have-l4s", "a zone without L4s", POOL, { "node_locations[1]": "asia-northeast3-c" }, GPU),
  edit(
    "gpu-driver-is-said",
    "nothing said",
    POOL,
    { "node_config.guest_accelerator[0].gpu_driver_installation_config": undefined },
    GPU,
  ),
  edit("gpu-nodes-are-tainted", "no taint", POOL, { "node_config.taint": undefined }, GPU),
  edit("releases-name-the-way-on", "no precondition", "helm_release", { lifecycle: undefined }),
  editIn("moving", "containers-are-not-root", "nothing said", "kubernetes_deployment_v1", {
    "spec.template.spec.container[0].security_context.run_as_non_root": undefined,
  }),
  editIn("moving", "containers-are-not-root", "an init container that may", "kubernetes_deployment_v1", {
    "spec.template.spec.init_container": [{ name: "planted", security_context: { run_as_non_root: false } }],
  }),
  {
    rule: "spot-over-a-floor",
    mistake: "no floor",
    into: "moving",
    plant: () => {
      const moving = environment("moving");
      const { environment: broken } = edited(moving, POOL, { "autoscaling.total_min_node_count": 0 }, GPU);
      const spot = resourcesIn(moving, POOL).find(({ body }) => body.name === "gpu-spot");
      return { environment: broken, address: spot?.address ?? "" };
    },
  },
  withoutWayOut("no control plane", "allow-control-plane"),
  withoutWayOut("no Google APIs", "allow-google-apis"),
  withoutWayOut("not each other", "allow-inside"),
  editIn(
    "moving",
    "split-is-whole",
    "another sum",
    "google_compute_url_map",
    {
      "path_matcher[0].path_rule[1].route_action.weighted_backend_services[1].weight": 40,
    },
    ROUTES,
  ),
  editIn(
    "moving",
    "split-is-whole",
    "one path that stays behind",
    "google_compute_url_map",
    {
      "path_matcher[0].path_rule[1].route_action": undefined,
      "path_matcher[0].path_rule[1].service":
        "projects/terrace-production/global/backendServices/terrace-production-news",
    },
    ROUTES,
  ),
  editIn(
    "moving",
    "split-is-whole",
    "a service beside the split",
    "google_compute_url_map",
    {
      "path_matcher[0].path_rule[0].service":
        "projects/terrace-production/global/backendServices/terrace-production-til",
    },
    ROUTES,
  ),
  editIn(
    "moving",
    "every-group-of-the-route",
    "a zone of the cluster",
    "google_compute_backend_service",
    { backend: [{ balancing_mode: "RATE", max_rate_per_endpoint: 100 }] },
    { name: "terrace-production-gke" },
  ),
];
