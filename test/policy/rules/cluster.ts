import { l4Zones } from "../../../planning/gpus";
import {
  blocksAlong,
  blocksAt,
  isList,
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  textAt,
  textsAt,
} from "../../support/json";
import { resourcesIn } from "../../support/stack-view";
import { violation } from "../../support/violation";
import { type PolicyRule, resourceRule } from "./rule";

const CLUSTERS: readonly string[] = ["google_container_cluster"];
const POOLS: readonly string[] = ["google_container_node_pool"];
/** private.googleapis.com: https://cloud.google.com/vpc/docs/configure-private-google-access#ip-addr-defaults */
const PRIVATE_GOOGLE_APIS = "199.36.153.8/30";

/** Kubernetes provider's types with a pod in them. */
const WORKLOADS: readonly string[] = [
  "kubernetes_cron_job_v1",
  "kubernetes_daemon_set_v1",
  "kubernetes_daemonset",
  "kubernetes_deployment",
  "kubernetes_deployment_v1",
  "kubernetes_job",
  "kubernetes_job_v1",
  "kubernetes_pod",
  "kubernetes_pod_v1",
  "kubernetes_stateful_set",
  "kubernetes_stateful_set_v1",
];

/** A rule on each pool of GPU nodes. */
function gpuPoolRule(id: string, says: string, wrong: (pool: JsonObject) => string | readonly string[] | undefined) {
  return resourceRule(id, says, POOLS, ({ body }) => (accelerators(body).length > 0 ? wrong(body) : undefined));
}

function accelerators(pool: JsonObject): readonly JsonObject[] {
  return blocksAlong(pool, "node_config", "guest_accelerator");
}

/** Containers of whatever pod is within a resource, with those that run before them. */
function containersWithin(value: Json): readonly JsonObject[] {
  if (isList(value)) return value.flatMap(containersWithin);
  if (!isObject(value)) return [];
  const own = [...blocksAt(value, "container"), ...blocksAt(value, "init_container")];
  return [...own, ...Object.values(value).flatMap(containersWithin)];
}

/** The GKE cluster, its nodes, and the pods that Terraform makes itself. */
export const CLUSTER_RULES: readonly PolicyRule[] = [
  resourceRule("cluster-is-private", "Nodes and control plane have no public address.", CLUSTERS, ({ body }) => {
    const [config = {}] = blocksAt(body, "private_cluster_config");
    return [
      ...(config.enable_private_nodes === true ? [] : ["has public nodes"]),
      ...(config.enable_private_endpoint === true ? [] : ["has a public control plane"]),
    ];
  }),
  resourceRule(
    "cluster-is-hardened",
    "Pods have identities of their own, nodes are shielded, NetworkPolicies are enforced.",
    CLUSTERS,
    ({ body }) => [
      ...(blocksAt(body, "workload_identity_config").length > 0 ? [] : ["has no Workload Identity"]),
      ...(body.enable_shielded_nodes === true ? [] : ["has nodes that are not shielded"]),
      ...(body.datapath_provider === "ADVANCED_DATAPATH" ? [] : ["enforces no NetworkPolicy"]),
      ...(body.enable_legacy_abac === true ? ["has legacy authorization"] : []),
    ],
  ),
  resourceRule(
    "cluster-protection-is-said",
    "deletion_protection is explicit, and what the settings say.",
    CLUSTERS,
    ({ body }, _, { kubernetes }) =>
      body.deletion_protection === kubernetes?.deletionProtection ? undefined : "is protected otherwise",
  ),
  resourceRule(
    "auto-provisioning-is-limited",
    "Auto-provisioning needs limits for cpu, memory and nvidia-l4, by these names; without one it makes no GPU node.",
    CLUSTERS,
    ({ body }) => {
      const limits = blocksAlong(body, "cluster_autoscaling", "resource_limits");
      return ["cpu", "memory", "nvidia-l4"]
        .filter(
          (name) => !limits.some((limit) => limit.resource_type === name && (numberAt(limit, "maximum") ?? 0) > 0),
        )
        .map((name) => `has no limit for ${name}`);
    },
  ),
  resourceRule(
    "nodes-have-their-own-account",
    "Google's default account may edit the project, and the firewall does not know it.",
    [...CLUSTERS, ...POOLS],
    ({ body }) => {
      const configs = [
        ...blocksAt(body, "node_config"),
        ...blocksAlong(body, "cluster_autoscaling", "auto_provisioning_defaults"),
      ];
      return configs
        .filter((config) => textAt(config, "service_account") === undefined)
        .map(() => "uses Google's account");
    },
  ),
  resourceRule(
    "pools-count-all-zones",
    "min_node_count and max_node_count count each zone by itself; totals are meant.",
    POOLS,
    ({ body }) => {
      const [autoscaling = {}] = blocksAt(body, "autoscaling");
      const perZone = ["min_node_count", "max_node_count"].filter((key) => autoscaling[key] !== undefined);
      return [
        ...perZone.map((key) => `counts ${key} in each zone`),
        ...(autoscaling.total_max_node_count === undefined ? ["has no most"] : []),
      ];
    },
  ),
  resourceRule(
    "pods-do-not-see-the-node",
    "Without GKE's metadata server a pod can take the node's own account.",
    POOLS,
    ({ body }) =>
      blocksAlong(body, "node_config", "workload_metadata_config").some((config) => config.mode === "GKE_METADATA")
        ? undefined
        : "shows pods the node's account",
  ),
  gpuPoolRule("gpu-pools-do-not-surge", "A surge node needs a GPU beyond the quota.", (pool) =>
    blocksAt(pool, "upgrade_settings").some((settings) => settings.max_surge === 0 && settings.max_unavailable === 1)
      ? undefined
      : "needs a spare GPU to upgrade",
  ),
  gpuPoolRule("gpu-pools-have-l4s", "A pool of L4 nodes cannot be made in a zone without them.", (pool) =>
    textsAt(pool, "node_locations")
      .filter((zone) => !l4Zones().includes(zone))
      .map((zone) => `stands in ${zone}`),
  ),
  gpuPoolRule("gpu-driver-is-said", "Left out, the driver depends on the control plane's version.", (pool) =>
    accelerators(pool).some((gpu) => blocksAt(gpu, "gpu_driver_installation_config").length > 0)
      ? undefined
      : "does not say who installs the driver",
  ),
  gpuPoolRule("gpu-nodes-are-tainted", "A pod without a GPU would keep one from an engine.", (pool) =>
    blocksAlong(pool, "node_config", "taint").some((taint) => taint.key === "nvidia.com/gpu")
      ? undefined
      : "lets any pod in",
  ),
  resourceRule(
    "spot-over-a-floor",
    "All Spot nodes may go at once: a pool that is not Spot stands beside them.",
    POOLS,
    ({ body }, environment) => {
      const isSpot = (pool: JsonObject) => blocksAt(pool, "node_config").some((config) => config.spot === true);
      const floor = resourcesIn(environment, ...POOLS)
        .filter((pool) => accelerators(pool.body).length > 0 && !isSpot(pool.body))
        .flatMap((pool) => blocksAt(pool.body, "autoscaling"))
        .reduce((sum, autoscaling) => sum + (numberAt(autoscaling, "total_min_node_count") ?? 0), 0);
      return isSpot(body) && floor === 0 ? "is Spot without a floor" : undefined;
    },
  ),
  resourceRule(
    "containers-are-not-root",
    "Where a container's security context leaves run_as_non_root out, the provider writes false, over the pod's true.",
    WORKLOADS,
    ({ body }) =>
      containersWithin(body).flatMap((container) =>
        blocksAt(container, "security_context")
          .filter((context) => context.privileged !== true && context.run_as_non_root !== true)
          .map(() => `lets ${textAt(container, "name")} be root`),
      ),
  ),
  resourceRule(
    "releases-name-the-way-on",
    "Helm begins nothing over a release that was cut off: the plan says so, with the command that helps.",
    ["helm_release"],
    ({ body }) =>
      blocksAlong(body, "lifecycle", "precondition").some((condition) =>
        textAt(condition, "error_message")?.includes(`The release ${textAt(body, "name")} is `),
      )
        ? undefined
        : "does not say how to go on",
  ),
  {
    id: "nodes-have-a-way-out",
    says: "Where all that leaves is denied, nodes must reach the control plane, Google's APIs and each other.",
    check: (environment) =>
      resourcesIn(environment, ...CLUSTERS).flatMap(({ stack, address, body }) => {
        const [config = {}] = blocksAt(body, "private_cluster_config");
        const out = resourcesIn(environment, "google_compute_firewall").filter(
          (rule) => rule.stack.id === stack.id && rule.body.direction === "EGRESS",
        );
        const reached = out.flatMap((rule) => textsAt(rule.body, "destination_ranges"));
        const subnetworks = resourcesIn(environment, "google_compute_subnetwork").filter(
          (subnetwork) => subnetwork.stack.id === stack.id,
        );
        const needed = [
          textAt(config, "master_ipv4_cidr_block"),
          PRIVATE_GOOGLE_APIS,
          ...subnetworks.flatMap((subnetwork) => [
            textAt(subnetwork.body, "ip_cidr_range"),
            textAt(blocksAt(subnetwork.body, "secondary_ip_range")[0] ?? {}, "ip_cidr_range"),
          ]),
        ];
        return needed
          .filter((range) => range === undefined || !reached.includes(range))
          .map((range) => violation(stack, address, `has nodes that cannot reach ${range}`));
      }),
  },
];
