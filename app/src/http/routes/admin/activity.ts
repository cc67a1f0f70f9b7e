import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { engineLoad } from "../../../operations/activity/engine-load";
import type { EnginesView } from "../../../operations/activity/engines-view";
import type { Operations } from "../../../operations/operations";

const ms = z.number().nonnegative().nullable();
const percentilesSchema = z.object({ p50: ms, p95: ms, p99: ms });

const activitySchema = z.object({
  queue_length: z.int().nonnegative().describe("Requests waiting in this gateway's scheduler"),
  pending_requests: z.int().nonnegative().describe("Those and what waits inside the engines"),
  in_flight: z.int().nonnegative().describe("Generation requests whose answer has not ended"),
  last_request_at: z.iso.datetime().nullable(),
  ttft_ms: percentilesSchema.describe("Milliseconds to the first token, of the last five minutes"),
  processing_ms: percentilesSchema.describe("Milliseconds of whole requests, of the last five minutes"),
  tps: z.number().nonnegative().describe("Completion tokens a second, of the last minute"),
  tpot_ms: ms.describe("Mean milliseconds between tokens, of the last five minutes"),
  kv_cache_usage: z.number().min(0).max(1).nullable().describe("Of the fullest engine; null where none tells"),
});

export interface ActivityRoutesOptions {
  readonly operations: Operations;
  readonly engines: EnginesView;
}

/** `GET activity`: the figures that a node agent forwards to Cloud Monitoring. */
export const activityRoutes: FastifyPluginAsyncZod<ActivityRoutesOptions> = async (app, { operations, engines }) => {
  const { activity, goodput, work } = operations;
  app.get(
    "/activity",
    {
      schema: {
        tags: ["operations"],
        summary: "Queue, latency and throughput of this instance",
        response: { 200: activitySchema },
      },
    },
    async () => {
      const load = await engineLoad(engines.baseUrls());
      const queued = engines.queued();
      const { lastRequestAt } = activity;
      return {
        queue_length: queued,
        pending_requests: queued + (load?.waiting ?? 0),
        in_flight: work.count,
        last_request_at: lastRequestAt === undefined ? null : new Date(lastRequestAt).toISOString(),
        ttft_ms: activity.ttftMs,
        processing_ms: activity.processingMs,
        tps: goodput.oneMinute.throughputTps,
        tpot_ms: activity.tpotMs,
        kv_cache_usage: load?.kvCacheUsage ?? null,
      };
    },
  );
};
