import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { messageOf } from "../../shared/errors/message-of";

/**
 * undici's own announcements of its requests; Node's `fetch` makes them too.
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: unknown;
  addHeader(name: string, value: string): unknown;
}

/**
 * A span for every HTTP request that is made on behalf of a traced one: to engines, embedding models, Qdrant. It ends
 * with the last byte of the answer, and the other side continues the trace from it.
 * @returns a function that stops it
 */
export function traceOutgoing(): () => void {
  const tracer = trace.getTracer("terrace-gateway");
  const spans = new WeakMap<object, Span>();

  const onCreate = (message: unknown): void => {
    const request = requestOf(message);
    // Warm-ups and probes belong to no request.
    if (request === undefined || trace.getActiveSpan() === undefined) return;
    const { hostname, port } = new URL(request.origin);
    const path = request.path.split("?")[0] ?? "";
    const span = tracer.startSpan(`${request.method} ${path}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        "http.request.method": request.method,
        "server.address": hostname,
        "server.port": Number(port),
        "url.path": path,
      },
    });
    spans.set(request, span);
    const carrier: Record<string, string> = {};
    propagation.inject(trace.setSpan(context.active(), span), carrier);
    for (const [name, value] of Object.entries(carrier)) setHeader(request, name, value);
  };
  const onHeaders = (message: unknown): void => {
    const span = spanOf(message);
    const status = statusOf(message);
    if (span === undefined || status === undefined) return;
    span.addEvent("headers");
    span.setAttribute("http.response.status_code", status);
    if (status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
  };
  const onEnd = (message: unknown): void => {
    spanOf(message)?.end();
  };
  const onError = (message: unknown): void => {
    const span = spanOf(message);
    span?.setStatus({ code: SpanStatusCode.ERROR, message: errorOf(message) });
    span?.end();
  };
  const spanOf = (message: unknown): Span | undefined => {
    const request = requestOf(message);
    return request === undefined ? undefined : spans.get(request);
  };

  const channels = [
    ["undici:request:create", onCreate],
    ["undici:request:headers", onHeaders],
    ["undici:request:trailers", onEnd],
    ["undici:request:error", onError],
  ] as const;
  for (const [channel, listener] of channels) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of channels) unsubscribe(channel, listener);
  };
}

function requestOf(message: unknown): UndiciRequest | undefined {
  if (typeof message !== "object" || message === null || !("request" in message)) return undefined;
  const { request } = message;
  return isRequest(request) ? request : undefined;
}

function isRequest(value: unknown): value is UndiciRequest {
  return (
    typeof value === "object" &&
    value !== null &&
    "origin" in value &&
    "path" in value &&
    typeof value.path === "string" &&
    "method" in value &&
    typeof value.method === "string" &&
    "addHeader" in value &&
    typeof value.addHeader === "function"
  );
}

/** Replaces a forwarded `traceparent`: with two, the receiver would use neither. */
function setHeader(request: UndiciRequest, name: string, value: string): void {
  const { headers } = request;
  const at = Array.isArray(headers) ? headers.findIndex((item, index) => index % 2 === 0 && item === name) : -1;
  if (Array.isArray(headers) && at >= 0) headers[at + 1] = value;
  else request.addHeader(name, value);
}

function statusOf(message: unknown): number | undefined {
  if (typeof message !== "object" || message === null || !("response" in message)) return undefined;
  const { response } = message;
  if (typeof response !== "object" || response === null || !("statusCode" in response)) return undefined;
  return typeof response.statusCode === "number" ? response.statusCode : undefined;
}

function errorOf(message: unknown): string {
  const error = typeof message === "object" && message !== null && "error" in message ? message.error : undefined;
  return messageOf(error);
}
