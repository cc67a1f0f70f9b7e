/** The source of `values.schema.json` (`npm run chart:schemas`). */
import { z } from "zod";
import { image, kubernetesName, resources } from "../llm-serving/value-fields";

const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
const duration = z.string().regex(/^[0-9]+(?:ms|s|m|h|d)$/);
const texts = z.record(label, z.string());

/** It records or it alerts, never both. */
const rule = z
  .strictObject({
    record: z
      .string()
      .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
      .optional(),
    alert: label.optional(),
    expr: z.string().min(1),
    for: duration.optional(),
    labels: texts.optional(),
    annotations: texts.optional(),
  })
  .refine(({ record, alert }) => (record === undefined) !== (alert === undefined), {
    error: "needs either record or alert",
  })
  .meta({ oneOf: [{ required: ["record"] }, { required: ["alert"] }] });

const matcher = z.strictObject({ name: label, value: z.string(), matchType: z.enum(["=", "!=", "=~", "!~"]) });
const timing = { groupWait: duration, groupInterval: duration, repeatInterval: duration };
const secretKey = z.strictObject({ name: kubernetesName, key: z.string().min(1) });

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.Receiver */
const receiver = z.strictObject({
  name: kubernetesName,
  slackConfigs: z
    .array(
      z.strictObject({
        apiURL: secretKey,
        channel: z.string().startsWith("#"),
        sendResolved: z.boolean(),
        title: z.string(),
        text: z.string(),
      }),
    )
    .optional(),
  emailConfigs: z
    .array(
      z.strictObject({
        to: z.string().includes("@"),
        from: z.string().includes("@"),
        smarthost: z.string().regex(/^[a-z0-9.-]+:[0-9]{2,5}$/),
        authUsername: z.string().optional(),
        authPassword: secretKey.optional(),
        requireTLS: z.literal(true),
        sendResolved: z.boolean(),
        headers: z.array(z.strictObject({ key: z.string(), value: z.string() })),
        text: z.string(),
      }),
    )
    .optional(),
});

export const alertmanagerConfigSpec = z.strictObject({
  route: z.strictObject({
    receiver: kubernetesName,
    groupBy: z.array(label).min(1),
    ...timing,
    routes: z.array(z.strictObject({ receiver: kubernetesName, matchers: z.array(matcher).min(1), ...timing })),
  }),
  inhibitRules: z.array(
    z.strictObject({
      sourceMatch: z.array(matcher).min(1),
      targetMatch: z.array(matcher).min(1),
      equal: z.array(label).min(1),
    }),
  ),
  receivers: z.array(receiver).min(1),
});

const probe = z.strictObject({
  image: image.describe("blackbox-exporter."),
  config: z.string().min(1).describe("Its configuration."),
  module: z.string().min(1).describe("Module of it by which the URLs are asked."),
  urls: z
    .array(z.string().regex(/^https:\/\/[a-z0-9.-]+\/[^\s]*$/))
    .min(1)
    .describe("Public URLs that answer 200 while the service is up."),
  resources,
});

const collector = z.strictObject({
  image: image.describe("OpenTelemetry Collector."),
  config: z.string().min(1).describe("Its configuration."),
  healthPort: z.int().min(1).max(65535).describe("Port on which it says that it works."),
  resources,
});

export const observabilityValues = z.strictObject({
  ruleGroups: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.array(rule).min(1))
    .describe("Group → its rules, one PrometheusRule each."),
  dashboards: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*\.json$/), z.string().startsWith("{"))
    .describe("File → dashboard as JSON, one ConfigMap each, which Grafana's sidecar finds."),
  alertmanager: alertmanagerConfigSpec.describe("Who is told: the specification of an AlertmanagerConfig."),
  probe: probe.nullish().describe("Asks for the service from outside. Nothing does where it is left out."),
  collector: collector.describe("Tells Cloud Monitoring what autoscalers and its alerts read."),
  priorityClassName: kubernetesName.nullish().describe("Of the probe and the collector."),
  // Helm adds it, for charts above this one.
  global: z.strictObject({}).optional(),
});

export type ObservabilityValues = z.output<typeof observabilityValues>;

export function observabilitySchema(): string {
  const schema = z.toJSONSchema(observabilityValues, { target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "Values of observability" }, null, 2)}\n`;
}
