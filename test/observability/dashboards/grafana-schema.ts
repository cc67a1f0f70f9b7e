/**
 * What of Grafana's dashboard JSON these dashboards use, and nothing else: an unknown key is an error.
 * https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
import { z } from "zod";

const gridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("$environment") });
const link = z.looseObject({ title: z.string(), type: z.enum(["link", "dashboards"]), url: z.string().optional() });

const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
});

const thresholds = z.strictObject({
  mode: z.literal("absolute"),
  steps: z
    .array(z.strictObject({ value: z.number().nullable(), color: z.enum(["green", "orange", "red"]) }))
    .min(1)
    .refine((steps) => steps[0]?.value === null, "the first step has no bound")
    .refine(
      (steps) =>
        steps.slice(1).every(({ value }, index) => value !== null && value > (steps[index]?.value ?? -Infinity)),
      "steps rise",
    ),
});

const panel = z.strictObject({
  type: z.enum(["stat", "timeseries"]),
  id: z.int().positive(),
  title: z.string().min(1),
  description: z.string().min(10),
  gridPos,
  datasource,
  targets: z.array(target).min(1),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.string().min(1),
      min: z.number().optional(),
      max: z.number().optional(),
      decimals: z.int().min(0).optional(),
      thresholds,
      mappings: z.array(z.unknown()).optional(),
      color: z.strictObject({ mode: z.string() }).optional(),
      custom: z.looseObject({}).optional(),
    }),
    overrides: z.array(z.unknown()).length(0),
  }),
  options: z.looseObject({}),
  links: z.array(link).optional(),
  transparent: z.boolean(),
  repeatDirection: z.enum(["h", "v"]),
});

const row = z.strictObject({
  type: z.literal("row"),
  id: z.int().positive(),
  title: z.string().min(1),
  gridPos,
  collapsed: z.literal(false),
  panels: z.array(z.unknown()).length(0),
});

const variable = z.looseObject({
  type: z.enum(["datasource", "query"]),
  name: z.string().regex(/^[a-z]+$/),
  label: z.string(),
  query: z.union([z.literal("prometheus"), z.strictObject({ query: z.string(), refId: z.string() })]),
});

export const grafanaSchema = z.strictObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()),
  schemaVersion: z.int(),
  editable: z.boolean(),
  timezone: z.string(),
  graphTooltip: z.int().min(0).max(2),
  fiscalYearStartMonth: z.int(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  templating: z.strictObject({ list: z.array(variable) }),
  annotations: z.strictObject({
    list: z.array(z.looseObject({ name: z.string(), datasource, enable: z.boolean(), expr: z.string().min(1) })),
  }),
  links: z.array(link),
  panels: z.array(z.discriminatedUnion("type", [row, panel])),
});

export type GrafanaJson = z.infer<typeof grafanaSchema>;
