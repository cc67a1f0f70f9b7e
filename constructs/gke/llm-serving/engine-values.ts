import { z } from "zod";
import {
  bucketName,
  httpPath,
  image,
  kubernetesName,
  labelValue,
  port,
  replicas,
  resources,
  scalingMetric,
  variables,
  window,
} from "./value-fields";

const engine = z.strictObject({
  model: labelValue.describe("Name of the model: its folder of weights, and what the engine calls itself."),
  port: port.describe("Port of the engine, in its pod and of its Service."),
  args: z.array(z.string()).min(1).describe("Arguments of vLLM, from the serving unit."),
  env: variables.describe("Variables, from the serving unit."),
  probePath: httpPath.describe("Path that answers 200 when the engine works."),
  adapterBucket: bucketName
    .nullish()
    .describe("Bucket whose adapters lie beside the weights. None are brought where it is left out."),
  weightsGib: z.int().min(1).max(400).describe("Room for the weights on the node's disk, GiB."),
  startupFailures: z
    .int()
    .min(1)
    .max(720)
    .describe("Failures, 10 s apart, that loading is forgiven: from the cold-start budget."),
  coldStartSeconds: z.int().min(1).max(86_400).describe("The whole cold-start budget."),
  metrics: z.array(scalingMetric).min(1).describe("What the engine scales by."),
});

const colour = z.strictObject({ image: image.describe("vLLM."), ...replicas });

/** `serving: green` without green pods cannot be written. */
const colours = z.discriminatedUnion("serving", [
  z.strictObject({ serving: z.literal("blue"), blue: colour, green: colour.nullish() }),
  z.strictObject({ serving: z.literal("green"), blue: colour.nullish(), green: colour }),
  z.strictObject({ serving: z.literal("both"), blue: colour, green: colour }),
]);

const behaviour = z.strictObject({
  upWindowSeconds: window.describe("How long more pods must be wanted before they are made."),
  upPods: z.int().min(1).max(20).describe("Pods added in a minute at most; doubling is always allowed."),
  downWindowSeconds: window.describe("How long fewer pods must suffice before one leaves."),
  downPeriodSeconds: z.int().min(1).max(1800).describe("At most one pod leaves in this time."),
});

export const engines = z.strictObject({
  models: z
    .record(z.string().regex(/^engine-[0-9]{1,2}$/), engine)
    .refine((models) => Object.keys(models).length > 0, { error: "needs at least one engine" })
    .meta({ minProperties: 1 })
    .describe("Engine → what it runs. The key is the name of its Service, which the gateway calls."),
  colours: colours.describe("Blue and green. `serving` is the one value that moves the traffic, and moves it back."),
  accelerator: z.literal("nvidia-l4").describe("`cloud.google.com/gke-accelerator` of the nodes."),
  spot: z.boolean().describe("Whether pods may stand on Spot nodes."),
  surgePods: z.int().min(0).max(1).describe("Pods beyond the most during a release: 1 needs a spare L4."),
  noticeSeconds: z.int().min(0).max(600).describe("After a pod is told to go: until nobody sends it anything new."),
  drainSeconds: z.int().min(1).max(3600).describe("After that: for answers in flight."),
  shutdownSeconds: z.int().min(1).max(600).describe("After that: for vLLM to free the GPU."),
  shmGib: z.int().min(1).max(64).describe("Shared memory, GiB; counts towards the memory's limit."),
  scratchGib: z.int().min(1).max(100).describe("Room for compiled kernels on the node's disk, GiB."),
  resources,
  behaviour,
  priorityClassName: kubernetesName,
});
