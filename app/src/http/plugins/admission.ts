import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { PRIORITIES, PRIORITY_HEADER, type Priority, priorityHeadersSchema } from "../../operations/degraded/priority";
import type { WorkItem } from "../../operations/load/work-in-flight";
import type { Operations } from "../../operations/operations";
import { AppError, type ErrorCode } from "../../shared/errors/app-error";
import { errorBody } from "../errors/error-handler";
import { type LoadSheddingOptions, loadShedding } from "./load-shedding";

declare module "fastify" {
  interface FastifyRequest {
    /** Of `X-Priority`; `normal` where the client sent none. */
    priority: Priority;
    /** The account of this request, on generation routes. Streams call `fail` when they end with an error event. */
    work: WorkItem | null;
  }
}

export interface AdmissionOptions extends LoadSheddingOptions {
  readonly operations: Operations;
}

/** Seconds after which a request that a drain cut off is worth sending again: another instance answers at once. */
const RETRY_SECONDS = 1;

/** Answers that were refused beforehand: nothing that had begun was lost. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(["DRAINING", "DEGRADED", "OVERLOADED", "NOT_READY"]);

/**
 * Admits generation requests: sheds load, reads `X-Priority`, and keeps account of each to the end of its answer. Where
 * the time of a drain is over, an answer that has not begun becomes a 503 DRAINING.
 */
export const admission = fastifyPlugin<AdmissionOptions>(
  async (app, { operations, ...shedding }) => {
    const { work, activity, users, lifecycle } = operations;
    app.decorateRequest("priority", "normal");
    app.decorateRequest("work", null);
    await app.register(loadShedding, shedding);

    app.addHook("onRoute", (route) => {
      route.schema = { headers: priorityHeadersSchema, ...route.schema };
    });

    // After authentication and validation: a request refused there is not counted as work.
    app.addHook("preHandler", (request, reply, done) => {
      request.priority = priorityOf(request);
      const entry = work.begin();
      request.work = entry;
      activity.arrived();
      users.seen(callerOf(request));
      const stopListening = lifecycle.onCut(() => refuseLate(request, reply));
      reply.raw.once("close", () => {
        stopListening();
        activity.answered(reply.elapsedTime);
        if (reply.raw.writableFinished) entry.end("completed");
        else entry.end(lifecycle.cutting ? "lost" : "left");
      });
      done();
    });

    app.addHook("onError", async (request, _reply, error) => {
      const refused = error instanceof AppError && (error.status < 500 || REFUSALS.has(error.code));
      if (!refused) request.work?.fail();
    });
  },
  { name: "admission" },
);

/** Answers instead of the handler, for which the drain no longer waits. A stream has begun and ends with its own event. */
function refuseLate(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = reply;
  if (raw.headersSent || raw.destroyed) return;
  request.work?.fail();
  const error = new AppError("DRAINING", { retryAfterSeconds: RETRY_SECONDS });
  reply.hijack();
  raw.writeHead(error.status, {
    "content-type": "application/json; charset=utf-8",
    "retry-after": String(RETRY_SECONDS),
    "x-request-id": request.id,
    connection: "close",
  });
  raw.end(JSON.stringify(errorBody(error, request)));
}

function priorityOf(request: FastifyRequest): Priority {
  const given = request.headers[PRIORITY_HEADER];
  return PRIORITIES.find((priority) => priority === given) ?? "normal";
}

/** One service token may act for many users, whom the body then names. */
function callerOf(request: FastifyRequest): string {
  const { body } = request;
  const user = typeof body === "object" && body !== null && "user" in body ? body.user : undefined;
  const caller = request.caller?.name ?? "";
  return typeof user === "string" ? `${caller}/${user}` : caller;
}
