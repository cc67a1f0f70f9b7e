import { z } from "zod";
import { plannedValue } from "./planned-value";

/** What is read of `terraform show -json PLAN`: https://developer.hashicorp.com/terraform/internals/json-format */
export const planFile = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        mode: z.enum(["managed", "data"]),
        type: z.string(),
        name: z.string(),
        provider_name: z.string(),
        change: z.object({
          actions: z.array(z.enum(["no-op", "create", "read", "update", "delete", "forget"])),
          before: plannedValue,
          after: plannedValue,
          /** `true` in place of each value that is known after the apply. */
          after_unknown: plannedValue,
          /** `true` in place of each sensitive value; of others only lists and objects, those that are unknown as empty ones. */
          after_sensitive: plannedValue,
          replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).default([]),
        }),
      }),
    )
    .default([]),
  configuration: z.object({
    provider_config: z.record(z.string(), z.object({ expressions: plannedValue.optional() })).default({}),
    root_module: z.object({
      resources: z
        .array(
          z.object({
            address: z.string(),
            /** Blocks as lists; an attribute as `constant_value`, in Terraform JSON with its `${…}` as written. */
            expressions: plannedValue.default({}),
            schema_version: z.number(),
            depends_on: z.array(z.string()).default([]),
          }),
        )
        .default([]),
    }),
  }),
});
export type PlanFile = z.output<typeof planFile>;
export type PlannedResource = PlanFile["resource_changes"][number];
export type ConfiguredResource = PlanFile["configuration"]["root_module"]["resources"][number];
