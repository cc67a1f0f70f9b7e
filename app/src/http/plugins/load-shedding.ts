import { getHeapStatistics } from "node:v8";
import underPressure from "@fastify/under-pressure";
import fastifyPlugin from "fastify-plugin";
import { AppError } from "../../shared/errors/app-error";

/** Share of V8's heap limit from which collecting garbage takes more time than answering. */
const MAX_HEAP_SHARE = 0.9;
/** Seconds after which a refused request is worth sending again: two samples later. */
const RETRY_SECONDS = 2;
/** Milliseconds between samples. */
const SAMPLE_MS = 1_000;

export interface LoadSheddingOptions {
  /** Mean event-loop delay of the last second, in milliseconds, from which requests are refused; 0 refuses none. */
  readonly maxEventLoopDelayMs: number;
  /** Bytes of used heap from which requests are refused. @default 90 % of V8's limit */
  readonly maxHeapBytes?: number;
  /** Milliseconds. @default 1000 */
  readonly sampleMs?: number;
}

/**
 * Refuses requests with 503 OVERLOADED while the process itself cannot keep up: every stream in flight stutters then, and
 * one more makes all of them worse. Covers the routes of the scope in which it is registered, so that probes
 * are still answered and an overloaded process is not restarted.
 */
export const loadShedding = fastifyPlugin<LoadSheddingOptions>(
  async (app, { maxEventLoopDelayMs, maxHeapBytes, sampleMs = SAMPLE_MS }) => {
    if (maxEventLoopDelayMs === 0) return;
    await app.register(underPressure, {
      maxEventLoopDelay: maxEventLoopDelayMs,
      maxHeapUsedBytes: maxHeapBytes ?? Math.round(getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE),
      sampleInterval: sampleMs,
      // Rejects rather than throws: the hook that calls this does not catch.
      pressureHandler: async (_request, _reply, kind, value) => {
        throw new AppError("OVERLOADED", {
          retryAfterSeconds: RETRY_SECONDS,
          cause: new Error(`${kind} is ${Math.round(value ?? 0)}`),
        });
      },
    });
  },
  { name: "load-shedding" },
);
