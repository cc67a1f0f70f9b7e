import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { VllmError } from "./vllm-error";

/** Bytes; well above the gateway's own limit, which is the one that counts. */
const BODY_LIMIT = 16 * 1024 * 1024;
const JSON_TYPE = "application/json";

/** One request with its whole body. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

export type Handler = (exchange: HttpExchange) => void;

export interface HttpOptions {
  /** By method and path, e.g. `GET /health`. */
  readonly routes: ReadonlyMap<string, Handler>;
  /** Looks at a request before its route does. @throws VllmError to refuse it */
  readonly guard: (request: IncomingMessage, path: string) => void;
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A server on Node's own HTTP, without a framework: a gateway's bench measures against the simulator, which must
 * therefore cost as little as it can.
 */
export function httpServer({ routes, guard, headers }: HttpOptions): Server {
  const paths = new Set([...routes.keys()].map((key) => key.slice(key.indexOf(" ") + 1)));

  function answer(exchange: HttpExchange, path: string): void {
    const handler = routes.get(`${exchange.request.method} ${path}`);
    if (handler === undefined) {
      throw paths.has(path)
        ? new VllmError(405, "Method Not Allowed", "Method Not Allowed")
        : new VllmError(404, "Not Found", "Not Found");
    }
    handler(exchange);
  }

  return createServer({ keepAliveTimeout: 620_000 }, (request, response) => {
    for (const name in headers) response.setHeader(name, headers[name] ?? "");
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const attempt = (action: () => void) => {
      try {
        action();
      } catch (thrown) {
        sendError(response, thrown);
      }
    };
    attempt(() => {
      guard(request, path);
      if (request.method === "GET") answer({ request, response, body: "" }, path);
      else readText(request, (body) => attempt(() => answer({ request, response, body }, path)), response);
    });
  });
}

function readText(request: IncomingMessage, done: (body: string) => void, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT) chunks.push(chunk);
  });
  request.on("end", () => {
    if (bytes <= BODY_LIMIT) done(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString());
    else sendError(response, new VllmError(413, "Request Entity Too Large", "The body is too large."));
  });
}

/** The body as JSON. @throws VllmError 400 */
export function readJson({ request, body }: HttpExchange): unknown {
  if (!(request.headers["content-type"] ?? "").startsWith(JSON_TYPE)) {
    throw new VllmError(400, "Bad Request", "Unsupported Media Type: Only 'application/json' is allowed");
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new VllmError(400, "Bad Request", "1 validation error:\n  body: JSON decode error", "body");
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendText(response, JSON.stringify(value), JSON_TYPE, status);
}

export function sendText(
  response: ServerResponse,
  text: string,
  type = "text/plain; charset=utf-8",
  status = 200,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}

export function sendError(response: ServerResponse, thrown: unknown): void {
  const isOurs = thrown instanceof VllmError;
  const error = isOurs ? thrown : new VllmError(500, "InternalServerError", String(thrown));
  if (response.headersSent) response.destroy();
  else {
    for (const name in error.headers) response.setHeader(name, error.headers[name] ?? "");
    sendJson(response, error, error.status);
  }
}
