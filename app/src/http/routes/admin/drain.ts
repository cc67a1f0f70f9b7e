import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Operations } from "../../../operations/operations";
import { AppError } from "../../../shared/errors/app-error";
import { errorSchema } from "../../errors/schema";

const count = z.int().nonnegative();

const stateSchema = z.object({
  phase: z.enum(["serving", "draining", "closing"]),
  reason: z.enum(["signal", "operator", "preemption", "error"]).nullable(),
  since: z.iso.datetime().nullable(),
  cut_at: z.iso.datetime().nullable().describe("When what is left will be cut; null where nothing is"),
  in_flight: count.describe("Generation requests in flight now"),
  work: z
    .object({
      in_flight: count.describe("In flight when draining began"),
      accepted: count.describe("Taken since then"),
      completed: count,
      lost: count.describe("Failed or cut off by the server"),
      left: count.describe("Given up by their clients"),
    })
    .nullable()
    .describe("What became of the requests that the drain met; null while the instance serves"),
});

const tags = ["operations"];

function state({ lifecycle, work }: Operations): z.output<typeof stateSchema> {
  const { phase, draining } = lifecycle;
  const { report } = work;
  return {
    phase,
    reason: draining?.reason ?? null,
    since: iso(draining?.since),
    cut_at: iso(draining?.cutAt),
    in_flight: work.count,
    work: report === undefined ? null : { in_flight: report.inFlight, ...report },
  };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** Takes the instance out of traffic and back. It goes on running: the process ends by a signal, never by a request. */
export const drainRoutes: FastifyPluginAsyncZod<{ readonly operations: Operations }> = async (app, { operations }) => {
  app.get(
    "/drain",
    {
      schema: {
        tags,
        summary: "Whether this instance drains, and what became of the work",
        response: { 200: stateSchema },
      },
    },
    async () => state(operations),
  );

  app.post(
    "/drain",
    {
      schema: {
        tags,
        summary: "Take this instance out of traffic: /healthz answers 503, what arrives is still served",
        body: z
          .strictObject({})
          .optional()
          .meta({ examples: [{}] }),
        response: { 200: stateSchema },
      },
    },
    async (request) => {
      if (operations.lifecycle.phase === "serving") {
        operations.lifecycle.startDraining("operator");
        request.log.warn("an operator drains this instance");
      }
      return state(operations);
    },
  );

  app.delete(
    "/drain",
    {
      schema: {
        tags,
        summary: "Put this instance back into traffic, after an operator's drain",
        response: { 200: stateSchema, 409: errorSchema.describe("It drains because the process or its machine stops") },
      },
    },
    async (request) => {
      if (!operations.resume()) {
        throw new AppError("CONFLICT", { params: { reason: "the process or its machine is stopping" } });
      }
      request.log.warn("an operator puts this instance back into traffic");
      return state(operations);
    },
  );
};
