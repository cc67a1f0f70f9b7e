import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { TASK_NAMES } from "../../../contract/tasks";
import type { DegradedMode } from "../../../operations/degraded/degraded-mode";

const stateSchema = z.object({
  degraded: z.boolean().describe("Whether every task is degraded"),
  reasons: z.record(z.string(), z.string()).describe("`operator` or `preemption`, with what was said about it"),
  tasks: z
    .array(z.enum(TASK_NAMES))
    .describe("Tasks that are degraded; without a reason above, their engines are down"),
});

const tags = ["operations"];

function state(degraded: DegradedMode): z.output<typeof stateSchema> {
  return {
    degraded: degraded.active,
    reasons: Object.fromEntries(degraded.reasons),
    tasks: TASK_NAMES.filter((task) => degraded.of(task)),
  };
}

/** Switches degraded mode of this instance. What preemption or lost engines switched on, only they switch off. */
export const degradedRoutes: FastifyPluginAsyncZod<{ readonly degraded: DegradedMode }> = async (app, { degraded }) => {
  app.get(
    "/degraded",
    { schema: { tags, summary: "Which tasks are degraded, and why", response: { 200: stateSchema } } },
    async () => state(degraded),
  );

  app.post(
    "/degraded",
    {
      schema: {
        tags,
        summary: "Serve only what matters: priority high as ever, normal with simple answers, low not at all",
        body: z
          .strictObject({ note: z.string().max(200).default("").describe("Why, for the log and for GET") })
          .optional()
          .meta({ examples: [{ note: "two GPUs are being replaced" }] }),
        response: { 200: stateSchema },
      },
    },
    async (request) => {
      const note = request.body?.note ?? "";
      degraded.enter("operator", note);
      request.log.warn({ note }, "an operator degrades this instance");
      return state(degraded);
    },
  );

  app.delete(
    "/degraded",
    { schema: { tags, summary: "End the operator's degraded mode", response: { 200: stateSchema } } },
    async (request) => {
      degraded.leave("operator");
      request.log.warn("an operator ends this instance's degraded mode");
      return state(degraded);
    },
  );
};
