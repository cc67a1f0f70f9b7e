import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import fastifyPlugin from "fastify-plugin";
import { maskText } from "../../shared/redaction/log-masking";

/** What a client's request id may look like; anything else could forge log lines or headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
/** W3C Trace Context level 1, §3.2. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The client's own `X-Request-Id` where it is fit to be one and nothing in it has to be masked, otherwise a new UUID. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) && maskText(given) === given ? given : randomUUID();
}

/** The client's `traceparent` where it is well formed. */
export function traceparent(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" && TRACEPARENT.test(value) ? value : undefined;
}

/** Returns every request's id with its answer. */
export const requestIdentity = fastifyPlugin(
  async (app) => {
    app.addHook("onRequest", (request, reply, done) => {
      reply.header("x-request-id", request.id);
      done();
    });
  },
  { name: "request-identity" },
);
