import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { PATHS } from "../../contract/endpoints";
import { maskUrl } from "../../shared/redaction/log-masking";
import { countedStatus } from "../counted-status";

/** Probed every few seconds; their spans would hide the others. */
const UNTRACED: ReadonlySet<string> = new Set([PATHS.healthz, PATHS.health, PATHS.live, PATHS.ready, PATHS.metrics]);

/** A span for each request, as a part of the client's trace where it sent a `traceparent`. */
export const traceRequests = fastifyPlugin(
  async (app) => {
    const tracer = trace.getTracer("terrace-gateway");
    const spans = new WeakMap<FastifyRequest, Span>();

    app.addHook("onRequest", async (request, reply) => {
      const route = request.routeOptions.url;
      if (route !== undefined && UNTRACED.has(route)) return;
      const parent = propagation.extract(ROOT_CONTEXT, request.headers);
      const attributes = {
        "http.request.method": request.method,
        "url.path": maskUrl(request.url.split("?")[0] ?? ""),
        "terrace.request_id": request.id,
        ...(route !== undefined && { "http.route": route }),
      };
      const span = tracer.startSpan(
        `${request.method} ${route ?? "unmatched"}`,
        { kind: SpanKind.SERVER, attributes },
        parent,
      );
      spans.set(request, span);
      // Not onResponse, which Fastify does not call when the client leaves before the answer.
      reply.raw.once("close", () => {
        const status = countedStatus(request, reply);
        span.setAttribute("http.response.status_code", status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
    });

    // Not in onRequest: reading the body goes on in the socket's context, not in ours. With a callback, because what an
    // async hook enters ends with it.
    app.addHook("preValidation", (request, _reply, done) => {
      const span = spans.get(request);
      if (span === undefined) done();
      else context.with(trace.setSpan(context.active(), span), done);
    });
  },
  { name: "trace-requests" },
);
