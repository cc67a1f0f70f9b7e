import { z } from "zod";
import { resourceLabel } from "./fields";

/** What one apply may change that would otherwise be refused. */
export const changingField = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("group"),
      name: resourceLabel.describe("The group whose machines change, that comes or that leaves."),
      outage: z
        .boolean()
        .default(false)
        .describe(
          "Says that a route which has no other group may be without machines meanwhile; off by default, which refuses that.",
        ),
    }),
    z.strictObject({
      kind: z
        .literal("balancing")
        .describe("The balancing mode: while it changes, every backend service is without machines."),
    }),
    z.strictObject({
      kind: z.literal("domain").describe("The host, which changes places with one of its aliases."),
    }),
    z.strictObject({
      kind: z
        .literal("cluster-removed")
        .describe("The stacks of the cluster have been destroyed, and the deployer's rights on it may go."),
    }),
  ])
  .nullable()
  .default(null)
  .describe(
    "What the next apply changes of what is refused otherwise, one thing at a time (docs/guides/changes-in-steps.md). Nothing by default.",
  );
