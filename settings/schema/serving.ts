import { z } from "zod";
import { LOAD_REPORT, PATHS, PORTS } from "../../app/src/contract/endpoints";
import { SERVICE_ROLES, SERVICE_TOKEN_PARTS } from "../../app/src/contract/service-token";
import { PROVISIONING_MODELS } from "../../planning/provisioning";
import { changingField } from "./changing";
import { cidr, decimal, model, oneOf, resourceLabel, text, whole, zone } from "./fields";
import { groupMachineField, machineField } from "./machine";
import { routesField } from "./routes";

const engine = z.strictObject({
  model: model.describe("Model of the catalogue (planning/models.ts)."),
  gpu: whole(0, 7, "GPU index").default(0).describe("Index of the L4 on the machine; the first by default."),
  memoryShare: decimal(0.05, 0.95, "share of the GPU's memory")
    .default(0.9)
    .describe("Share of that GPU's memory for weights and KV cache (vLLM --gpu-memory-utilization); 0.9 by default."),
  maxModelLen: whole(512, 131072, "tokens")
    .default(4096)
    .describe("Longest prompt and answer together, in tokens; 4096 by default."),
  contextTokens: whole(128, 131072, "tokens")
    .default(1024)
    .describe(
      "Planned prompt and answer together of an average request, in tokens: what the KV budget divides by; 1024 by default.",
    ),
  maxNumSeqs: whole(1, 256, "sequences").describe(
    "Most sequences generated at once (vLLM --max-num-seqs); at most what the KV cache holds at contextTokens.",
  ),
  maxLoras: whole(0, 16, "adapters")
    .default(0)
    .describe("LoRA adapters resident at once; 0, the default, leaves LoRA off."),
});

const provisioning = oneOf(PROVISIONING_MODELS, "a provisioning model");

const instances = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("unmanaged"),
    vms: z
      .array(
        z.strictObject({
          name: resourceLabel.describe("Name of the VM, e.g. llm-vm-1."),
          provisioning: provisioning
            .default("standard")
            .describe(
              "`standard` runs until stopped (the default); `spot` costs a fraction and may be reclaimed with 30 s notice.",
            ),
        }),
      )
      .min(1, { error: "must list at least one VM" })
      .describe("The machines of the group; a VM is in one group only."),
  }),
  z
    .strictObject({
      kind: z.literal("managed"),
      minInstances: whole(1, 50, "instances").describe("Fewest instances that the autoscaler keeps."),
      maxInstances: whole(1, 50, "instances").describe("Most instances that the autoscaler makes."),
      provisioning: provisioning.default("standard").describe("As for a VM, for every instance of the group."),
    })
    .refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
      path: ["minInstances"],
      message: "must not be more than maxInstances",
      params: { fix: "lower it, or raise maxInstances" },
    }),
]);

const group = z.strictObject({
  name: resourceLabel.describe("Name of the instance group, e.g. ai-1."),
  zone: zone.describe("Zone of the group's machines; must have L4 GPUs."),
  instances: instances.describe(
    "`unmanaged`: the machines by name. `managed`: identical machines from a template, with an autoscaler.",
  ),
  machine: groupMachineField,
  engines: z
    .array(engine)
    .min(1, { error: "must place at least one model" })
    .describe("Models that each machine of the group runs."),
});

const serviceToken = z.strictObject({
  name: text(SERVICE_TOKEN_PARTS.name, {
    rule: "must be 1 to 64 lower-case letters, digits or hyphens",
    fix: "write it like ci",
  }).describe("Who has it; appears in logs."),
  role: oneOf(SERVICE_ROLES, "a role")
    .default("service")
    .describe("`service` (the default) generates; `admin` may also drain, switch adapters and read what happens."),
  users: z
    .array(
      text(SERVICE_TOKEN_PARTS.user, {
        rule: "must be * for everybody, or a user's name of letters, digits, dots, hyphens, underscores and @",
        fix: "write it as the app's `user` has it",
      }),
    )
    .optional()
    .describe(
      "For whom it may act: names that requests give as `user`, or `*` for everybody. Nobody by default: news and chats only.",
    ),
  sha256: text(SERVICE_TOKEN_PARTS.sha256, {
    rule: "must be 64 hexadecimal digits, the SHA-256 of the token and not the token",
    fix: "copy it from what `npm run token -- NAME` prints",
  }).describe("SHA-256 of the token. The token itself is nowhere but with its owner."),
});

export const servingFields = {
  appPort: whole(1024, 65535, "TCP port")
    .default(PORTS.gateway)
    .describe(`Port of the app, from container to firewall; ${PORTS.gateway} by default.`),

  machine: machineField,

  onDemandFloor: whole(0, 50, "VMs")
    .default(1)
    .describe("Fewest VMs that must not be Spot, so that a reclaim never empties the service; 1 by default."),

  groups: z
    .array(group)
    .min(1, { error: "must list at least one group" })
    .describe("Instance groups and what runs on them."),

  changing: changingField,

  routes: routesField,

  serviceTokens: z
    .array(serviceToken)
    .default([])
    .describe("Bearer tokens that the app accepts, by hash; `npm run token -- NAME` makes one. Nobody by default."),

  embeddings: z
    .strictObject({
      url: text(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?\/v1$/, {
        rule: "must be an http(s) URL that ends in /v1",
        fix: "write it like http://embed.internal:8080/v1",
      }).describe("OpenAI-compatible endpoint, such as text-embeddings-inference."),
      range: cidr.describe(
        "Range that it answers from: firewall and network policies let gateways and backups go there.",
      ),
      model: text(/^\S+$/, { rule: "must be a model name", fix: "write jhgan/ko-sbert-multitask" })
        .default("jhgan/ko-sbert-multitask")
        .describe(
          "Model at that endpoint; one that the app has a calibration for. jhgan/ko-sbert-multitask by default.",
        ),
    })
    .nullable()
    .default(null)
    .describe(
      "Who embeds texts for retrieval. None by default: the app's hashed character n-grams, which find words and not meanings.",
    ),

  idleWatchdog: z
    .strictObject({
      everyMinutes: whole(1, 30, "minutes").default(5).describe("How often it looks; every 5 minutes by default."),
      checks: whole(2, 60, "checks")
        .default(5)
        .describe("Checks in a row, a minute apart, that must find a machine idle; 5 by default."),
      gpuPercent: whole(0, 50, "percent").default(5).describe("GPU use up to which a machine is idle; 5 % by default."),
      minUptimeSeconds: whole(60, 86400, "seconds")
        .default(600)
        .describe("A machine that has been up for less is never stopped; 600 seconds by default."),
      floor: whole(0, 50, "machines").default(0).describe("Machines that stay up however idle they are; 0 by default."),
      dryRun: z
        .boolean()
        .default(true)
        .describe("Only logs what it would stop. On by default: look at its log for a week, then write false."),
    })
    .nullable()
    .default(null)
    .describe(
      "Stops named VMs that nobody uses; a person starts them again (`npm run ops -- undrain NAME`). Off by default: a service that is always there is never idle.",
    ),

  balancing: z
    .discriminatedUnion("mode", [
      z.strictObject({
        mode: z.literal("utilization"),
        maxUtilization: decimal(0.1, 1, "CPU share")
          .default(0.8)
          .describe("CPU share at which a group counts as full; 0.8 by default."),
        maxRatePerInstance: decimal(0.1, 1000, "requests a second").describe(
          "Requests a second at which a VM counts as full. Needed because UTILIZATION sees the CPU alone, which GPU work hardly moves.",
        ),
      }),
      z.strictObject({
        mode: z.literal("custom-metrics"),
        maxUtilization: decimal(0.1, 1, "share")
          .default(0.8)
          .describe(
            `Share of \`${LOAD_REPORT.gpuUtilization}\` or \`${LOAD_REPORT.queueFill}\`, as the app reports them, at which a VM counts as full; 0.8 by default.`,
          ),
      }),
    ])
    .describe("How the load balancer judges that a group is full."),

  rateLimit: z
    .strictObject({
      requestsPerMinute: whole(10, 100000, "requests a minute")
        .default(600)
        .describe("Requests a minute from one address before it is answered 429; 600 by default."),
    })
    .default({ requestsPerMinute: 600 })
    .describe("Cloud Armor's limit for each client address."),

  grace: z
    .strictObject({
      loadBalancerDrainingSeconds: whole(0, 3600, "seconds").describe(
        "How long the load balancer lets a leaving VM finish requests.",
      ),
      preStopSeconds: whole(0, 600, "seconds").describe(
        `How long ${PATHS.healthz} answers 503 before the app closes, so that the balancer has noticed.`,
      ),
      gatewayDrainSeconds: whole(1, 3600, "seconds").describe("How long requests in flight get after that."),
      engineShutdownSeconds: whole(1, 600, "seconds").describe("How long an engine gets once the app is gone."),
    })
    .describe(
      "Grace times; the load balancer's must hold the others' sum, and Spot's 30 s notice too where there is Spot.",
    ),

  modelSource: oneOf(["gcs", "image"], "a model source")
    .default("gcs")
    .describe(
      "`gcs` (the default) downloads weights from the models bucket with checksums; `image` takes the app-with-weights image, for closed networks.",
    ),
};
