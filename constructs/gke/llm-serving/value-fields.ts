/** Bounds and patterns are the Kubernetes API's, so that the chart's schema refuses what the cluster would. */
import { z } from "zod";

/** Go's engine, by which Helm reads patterns, has no lookahead. */
const text = (pattern: RegExp, what: string) => z.string().regex(pattern, { error: `must be ${what}` });

/** `repository:tag` or `repository@sha256:…`. https://github.com/opencontainers/distribution-spec */
export const image = text(
  /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?::[0-9]+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})$/,
  "an image with registry, and a tag or a digest",
);

/** Without privileges. */
export const port = z.int().min(1024).max(65535);

export const bucketName = text(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, "a bucket's name");

export const httpPath = text(/^\/[A-Za-z0-9/_.-]*$/, "an HTTP path");

/** https://cloud.google.com/compute/docs/naming-resources */
export const cloudName = text(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, "a Compute Engine name");

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const labelValue = text(/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, "a label's value");

export const kubernetesName = text(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, "a Kubernetes name");

/** ManagedCertificate takes lower case, no wildcard, at most 63 characters. */
export const host = text(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "a domain name").max(63);

export const ipv4Range = text(/^(?:[0-9]{1,3}\.){3}[0-9]{1,3}\/[0-9]{1,2}$/, "an IPv4 range");

export const googleAccount = text(
  /^[a-z][-a-z0-9]{4,28}[a-z0-9]@[a-z][-a-z0-9]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com$/,
  "the address of a Google service account",
);

export const schedule = text(/^(?:[0-9*,/-]+ ){4}[0-9*,/-]+$/, "a cron schedule of five fields");

/** Kubernetes takes texts only, so numbers are quoted. */
export const variables = z.record(text(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name"), z.string());

/** Source: HPA v2 API, `stabilizationWindowSeconds`. */
export const window = z.int().min(0).max(3600);

/** A least above the most cannot be written. The bound is R-20's 20 pods, with room for gateways. */
export const replicas = {
  minReplicas: z.int().min(1).max(50).describe("Fewest pods."),
  extraReplicas: z.int().min(0).max(50).describe("Pods that autoscaling may add to them."),
};

/** Limits are multiples, so that one below its request cannot be written. */
export const resources = z.strictObject({
  cpuMillicores: z.int().min(10).max(96_000).describe("CPU that is kept free for it, thousandths of a core."),
  cpuBurst: z.int().min(1).max(16).describe("Limit of the CPU, as a multiple."),
  memoryMib: z.int().min(32).max(400_000).describe("Memory that is kept free for it, MiB."),
  memoryBurst: z.int().min(1).max(16).describe("Limit of the memory, as a multiple."),
});

const metricName = text(/^[A-Za-z_][A-Za-z0-9_.|]*$/, "the name of a metric");

/** Lower than the documented number by the autoscaler's tolerance (`planning/metrics-api.ts`). */
const targetMillis = z.int().min(1);

export const scalingMetric = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("Pods"),
    name: metricName,
    targetMillis: targetMillis.describe("Average over the pods, thousandths; pods are added from a tenth above it."),
  }),
  z.strictObject({
    type: z.literal("External"),
    name: metricName,
    labels: z
      .record(text(/^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, "a label"), labelValue)
      .describe("Labels of the series."),
    per: z.enum(["pod", "total"]).describe("Whether the number is divided by the pods before it is compared."),
    targetMillis: targetMillis.describe("Thousandths; pods are added from a tenth above it."),
  }),
]);
