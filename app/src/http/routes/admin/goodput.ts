import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Goodput, GoodputTracker } from "../../../operations/goodput/goodput-tracker";

const windowSchema = z.object({
  throughput_tps: z.number().nonnegative().describe("Completion tokens a second, of all requests"),
  goodput_tps: z.number().nonnegative().describe("Completion tokens a second, of requests that met the SLA"),
  sla_compliance_rate: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe("Share of requests that met the SLA; null: no request"),
  requests: z.int().nonnegative().describe("Requests that the SLA judged"),
});

const goodputSchema = z.object({
  sla_ttft_ms: z.number().describe("Milliseconds to the first token that count as good"),
  "1m": windowSchema,
  "5m": windowSchema,
  lifetime: windowSchema,
});

function window(goodput: Goodput): z.output<typeof windowSchema> {
  return {
    throughput_tps: goodput.throughputTps,
    goodput_tps: goodput.goodputTps,
    sla_compliance_rate: goodput.slaComplianceRate,
    requests: goodput.requests,
  };
}

/** `GET goodput`: throughput that users felt, in the last minute, five minutes, and since the process began. */
export const goodputRoutes: FastifyPluginAsyncZod<{ readonly goodput: GoodputTracker }> = async (app, { goodput }) => {
  app.get(
    "/goodput",
    {
      schema: {
        tags: ["operations"],
        summary: "Throughput, goodput and SLA compliance of this instance",
        response: { 200: goodputSchema },
      },
    },
    async () => ({
      sla_ttft_ms: goodput.slaTtftMs,
      "1m": window(goodput.oneMinute),
      "5m": window(goodput.fiveMinutes),
      lifetime: window(goodput.lifetime),
    }),
  );
};
