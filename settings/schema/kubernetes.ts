import { z } from "zod";
import { cidr, decimal, domainName, oneOf, text, whole, zone } from "./fields";
import { namedImage } from "./platform";

const share = (what: string) => whole(0, 100, "percent").describe(`Share of the traffic that ${what} get, percent.`);

/** Who gets how much of the traffic. */
const split = { vm: share("the VMs"), gke: share("the cluster's pods") };

const traffic = z.strictObject({
  ...split,
  attached: z
    .boolean()
    .default(false)
    .describe(
      "Whether the cluster's endpoint groups are backends of the load balancer; off by default. They must exist first.",
    ),
  previous: z
    .strictObject({ ...split, attached: z.boolean().describe("As it was.") })
    .default({ vm: 100, gke: 0, attached: false })
    .describe(
      "What is applied now: a step that needs two applies is refused against it. All traffic to the VMs by default.",
    ),
});

const nodePool = (machine: string) =>
  z.strictObject({
    machineType: text(/^e2-(standard|highmem)-[0-9]+$/, {
      rule: "must be an e2 machine type",
      fix: `write it like ${machine}`,
    })
      .default(machine)
      .describe(`Machine type; ${machine} by default.`),
    minNodes: whole(0, 100, "nodes").default(1).describe("Fewest nodes in all zones together; 1 by default."),
    maxNodes: whole(1, 100, "nodes").default(3).describe("Most nodes in all zones together; 3 by default."),
  });

const gpuPool = z.strictObject({
  minNodes: whole(0, 100, "nodes")
    .default(1)
    .describe("Fewest nodes that are not Spot, in all zones together; 1 by default."),
  maxNodes: whole(1, 100, "nodes")
    .default(4)
    .describe("Most nodes that are not Spot, in all zones together; 4 by default."),
  spotMaxNodes: whole(0, 100, "nodes")
    .default(0)
    .describe("Most Spot nodes on top of them; 0, the default, makes no Spot pool."),
});

const engineScaling = z.strictObject({
  minReplicas: whole(1, 20, "pods")
    .default(1)
    .describe("Fewest pods of each engine; 1 by default, the production profile requires 2."),
  maxReplicas: whole(1, 20, "pods").default(4).describe("Most pods of each engine; 4 by default."),
  surgePods: whole(0, 1, "pods")
    .default(0)
    .describe(
      "Pods of each engine beyond the most while a release rolls. 0 (the default): a pod leaves before its successor gets its L4. 1: it stays until its successor answers, which takes an L4 more for each model and colour.",
    ),
});

/** Step 2. */
export const kubernetesField = z
  .strictObject({
    host: domainName.describe(
      "Host name of the GKE Ingress and its ManagedCertificate; another than the load balancer's.",
    ),
    zones: z
      .array(zone)
      .min(1, { error: "must name at least one zone" })
      .describe("Zones of the nodes; GPU nodes go to those that have L4s."),
    releaseChannel: oneOf(["RAPID", "REGULAR", "STABLE"], "a release channel")
      .default("REGULAR")
      .describe("Release channel of the cluster; REGULAR by default."),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe("Refuses to destroy the cluster, and its stack, before anything is deleted; on by default."),
    network: z
      .strictObject({
        nodesCidr: cidr.describe("Range of the nodes; a subnet of their own."),
        podsCidr: cidr.describe("Range of the pods' addresses."),
        servicesCidr: cidr.describe("Range of the Services' addresses."),
        controlPlaneCidr: cidr.describe("Range of the control plane, a /28."),
      })
      .describe("IPv4 ranges of the cluster; none may overlap another."),
    driver: oneOf(["gke", "daemonset"], "a way to install GPU drivers")
      .default("gke")
      .describe(
        "`gke` (the default): GKE installs the driver with the node. `daemonset`: NVIDIA's installer DaemonSet (R-14).",
      ),
    cpuPool: nodePool("e2-standard-4").prefault({}).describe("Nodes of gateways, web and add-ons."),
    gpuPool: gpuPool.prefault({}).describe("Nodes with one L4 each (g2-standard-8)."),
    autoProvisioning: z
      .strictObject({
        maxCpu: whole(8, 10000, "vCPUs").default(200).describe("Most vCPUs of the whole cluster; 200 by default."),
        maxMemoryGb: whole(32, 100000, "GB")
          .default(800)
          .describe("Most memory of the whole cluster; 800 GB by default."),
        maxL4: whole(0, 1000, "GPUs").default(20).describe("Most L4s of the whole cluster; 20 by default."),
      })
      .prefault({})
      .describe("Limits of node auto-provisioning."),
    quota: z
      .strictObject({
        l4: whole(0, 1000, "GPUs").describe(
          "NVIDIA_L4_GPUS of the region, as `gcloud compute regions describe` shows it.",
        ),
        preemptibleL4: whole(0, 1000, "GPUs")
          .default(0)
          .describe("PREEMPTIBLE_NVIDIA_L4_GPUS of the region; 0 by default."),
      })
      .describe("What Google grants; the scaling chain is checked against it."),
    engines: engineScaling.prefault({}).describe("Scaling of the engines."),
    gateway: z
      .strictObject({
        minReplicas: whole(1, 50, "pods").default(3).describe("Fewest gateway pods; 3 by default (R-21)."),
        maxReplicas: whole(1, 50, "pods").default(10).describe("Most gateway pods; 10 by default."),
        besideEngine: z
          .boolean()
          .default(false)
          .describe("Puts the gateway into the engine's pod, as R-17 draws it; off by default."),
      })
      .prefault({})
      .describe("Gateway pods."),
    warmSpare: z
      .boolean()
      .default(false)
      .describe("Keeps one L4 node warm with a pod of low priority; off by default, because it costs a node."),
    metricsAdapter: oneOf(["prometheus", "google"], "a metrics adapter")
      .default("prometheus")
      .describe(
        "Who answers the custom and external metrics APIs: prometheus-adapter (the default), or Google's adapter over Cloud Monitoring.",
      ),
    dcgm: oneOf(["managed", "chart"], "a source of GPU metrics")
      .default("managed")
      .describe("`managed` (the default): GKE's own DCGM exporter. `chart`: NVIDIA's chart. Never both."),
    chartMirror: text(/^(oci:\/\/[a-z0-9./-]+|\.{0,2}\/[^\s]+)$/, {
      rule: "must be an OCI address or a folder",
      fix: "write it like oci://registry.example.com/charts or ./mirror",
    })
      .optional()
      .describe("Where third-party charts come from in a closed network; their own registries by default."),
    colours: z
      .strictObject({
        blue: whole(0, 100, "percent")
          .default(100)
          .describe("Share of engine traffic of the blue deployment, percent; 100 by default."),
        green: whole(0, 100, "percent")
          .default(0)
          .describe("Share of engine traffic of the green deployment, percent; 0 by default, which deploys none."),
        greenImage: namedImage.optional().describe("vLLM of the green deployment; images.engine by default."),
        serving: oneOf(["shares", "blue", "green"], "a choice of colours")
          .default("shares")
          .describe(
            "`shares` (the default): each colour gets its share. A colour: it gets everything at once while the other stays deployed; rollback is this value.",
          ),
      })
      .refine(({ serving, ...shares }) => serving === "shares" || shares[serving] > 0, {
        path: ["serving"],
        message: "names a colour without a share, which has no pods",
        params: { fix: "give the colour a share first, and let its pods become ready" },
      })
      .prefault({})
      .describe("Blue-green and canary of the engines behind one gateway; rollback is one value."),
    vectorStore: oneOf(["machine", "cluster"], "a place of the vector store")
      .default("machine")
      .describe(
        "Where the vectors are that the pods search. `machine` (the default): in the VMs' Qdrant, so that both steps find the same. `cluster`: in the cluster's own; what it lacks is indexed anew from PostgreSQL. Once the VMs are gone.",
      ),
    vectorStoreReplicas: oneOf(["1", "3"], "a number of replicas")
      .default("1")
      .describe("Qdrant pods in the cluster; 1 by default, 3 with replication and sharding."),
    targetGpuUtilization: decimal(0.1, 1, "share")
      .default(0.8)
      .describe("GPU use above which the engines scale out; 0.8 by default."),
    traffic: traffic
      .prefault({ vm: 100, gke: 0 })
      .describe("Move from the VMs to the cluster, in steps (docs/guides/moving-to-gke.md)."),
  })
  .nullable()
  .default(null)
  .describe("Step 2: the GKE cluster. None by default.");
