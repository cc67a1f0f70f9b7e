/** The source of `values.schema.json` (`npm run chart:schemas`). */
import { z } from "zod";
import { engines } from "./engine-values";
import {
  bucketName,
  cloudName,
  googleAccount,
  host,
  httpPath,
  image,
  ipv4Range,
  kubernetesName,
  port,
  replicas,
  resources,
  scalingMetric,
  schedule,
  variables,
} from "./value-fields";

const gateway = z.strictObject({
  besideEngine: z
    .boolean()
    .describe("Puts the gateway into the engine's pod. With one model only: each gateway asks for all of them."),
  image,
  port: port.describe("Port of the gateway, from container to load balancer."),
  env: variables.describe("Variables, from the serving unit."),
  probePath: httpPath.describe("Readiness: what the load balancer asks too."),
  livePath: httpPath.describe("Liveness: also 200 while draining."),
  authoritiesConfigMap: kubernetesName
    .nullish()
    .describe("ConfigMap with the certificates by which the stores are known. None where it is left out."),
  authoritiesPath: httpPath.describe("Where they are mounted, as the variables say."),
  stopSeconds: z.int().min(1).max(4200).describe("The gateway drains by itself when it is told to stop; this long."),
  ...replicas,
  cpuPercent: z.int().min(1).max(100).describe("Share of the requested CPU above which gateways are added, percent."),
  metrics: z.array(scalingMetric).describe("What else the gateways scale by."),
  resources,
  priorityClassName: kubernetesName,
});

const weights = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("gcs"), bucket: bucketName }),
  z.strictObject({ source: z.literal("image") }),
]);

const healthCheck = z
  .strictObject({
    intervalSeconds: z.int().min(1).max(300),
    timeoutSeconds: z.int().min(1).max(300),
    healthyThreshold: z.int().min(1).max(10),
    unhealthyThreshold: z.int().min(1).max(10),
  })
  .describe("As the load balancer of the VMs asks.");

const loadBalancer = z.strictObject({
  timeoutSeconds: z.int().min(1).max(86_400).describe("Longest answer, streams included."),
  drainingSeconds: z.int().min(0).max(3600).describe("How long a leaving pod keeps its connections."),
  healthCheck,
  securityPolicy: cloudName.nullish().describe("Cloud Armor policy. None where it is left out."),
  endpointGroup: cloudName
    .nullish()
    .describe("Name of the endpoint groups that a load balancer outside the cluster uses. None where it is left out."),
});

const ingress = z
  .strictObject({
    host,
    addressName: cloudName.describe("Global address, by name."),
    sslPolicy: cloudName.nullish().describe("TLS policy, by name. Google's default where it is left out."),
    gatewayPaths: z
      .array(httpPath)
      .min(1)
      .describe("Paths, with all below them, that the gateway answers where there is a web front."),
  })
  .nullish()
  .describe("GKE Ingress with its own host and certificate. None where it is left out.");

const timeout = z.int().min(1).max(86_400).optional();
const job = z.strictObject({ args: z.array(z.string()).min(1), env: variables });
const cronJob = job
  .extend({
    schedule: schedule.describe("In `timeZone`."),
    timeoutSeconds: timeout.describe("After which it is stopped; 3600 by default."),
  })
  .nullish();
const migrationJob = job
  .extend({ timeoutSeconds: timeout.describe("After which it is stopped, and the release with it; 900 by default.") })
  .nullish();

const jobs = z.strictObject({
  timeZone: z.string().regex(/^[A-Z][A-Za-z_]+(?:\/[A-Z][A-Za-z_]+)*$/),
  refresh: cronJob.describe("Refreshes what has become old."),
  backup: cronJob.describe("Backs up the stores, where the vector database is in the cluster."),
  restoreTest: cronJob.describe("Restores the newest backup beside what is in use, and compares."),
  migration: migrationJob.describe("Brings the database to the release's schema, before the release."),
});

const storePort = z.int().min(1).max(65535);

const network = z.strictObject({
  loadBalancerRanges: z.array(ipv4Range).min(1).describe("Who may call the gateway from outside the cluster."),
  googleApisRanges: z.array(ipv4Range).min(1).describe("Addresses of Google's APIs in this network."),
  prometheusNamespace: kubernetesName,
  stores: z
    .array(z.strictObject({ range: ipv4Range, port: storePort }))
    .describe("Stores outside the cluster that gateways and jobs call."),
  vectorsNamespace: kubernetesName.nullish().describe("Namespace of Qdrant, where it is in the cluster."),
  vectorsPort: storePort,
});

const accounts = z
  .strictObject({
    gateway: googleAccount.nullish(),
    engine: googleAccount.nullish(),
    jobs: googleAccount.nullish(),
    migration: googleAccount.nullish(),
  })
  .describe(
    "Google account that pods of each Kubernetes account act as (Workload Identity). Nobody where it is left out.",
  );

const web = z
  .strictObject({
    image: image.describe("nginx without privileges, with the site inside."),
    replicas: z.int().min(1).max(20),
    resources,
  })
  .nullish()
  .describe("Web front. None where it is left out.");

/** Pods that wait for each other's gateways would never be ready. */
const oneModelBeside = {
  if: { properties: { gateway: { properties: { besideEngine: { const: true } } } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { engines: { properties: { models: { maxProperties: 1 } } } } },
};

export const llmServingValues = z
  .strictObject({
    gateway,
    engines,
    weights: weights.describe("Where weights come from."),
    loadBalancer,
    ingress,
    web,
    network,
    accounts,
    jobs,
    podMonitors: z.boolean().describe("Whether Prometheus is told of the pods; needs the operator's custom resources."),
    warmSparePriorityClassName: kubernetesName
      .nullish()
      .describe("Keeps an L4 node with the engine's image for the first pod that needs it. Off where it is left out."),
    // Helm adds it, for charts above this one.
    global: z.strictObject({}).optional(),
  })
  .refine(({ gateway, engines }) => !gateway.besideEngine || Object.keys(engines.models).length === 1, {
    path: ["gateway", "besideEngine"],
    error: "needs exactly one model: each gateway waits for every model",
  })
  .meta(oneModelBeside);

export type LlmServingValues = z.output<typeof llmServingValues>;

export function valuesSchema(): string {
  const schema = z.toJSONSchema(llmServingValues, { target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "Values of llm-serving" }, null, 2)}\n`;
}
