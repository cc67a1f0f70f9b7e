import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorCode, sentence } from "../../shared/errors/app-error";
import { answerError, type ErrorBody } from "./error-handler";

/** Answers in our shape what Fastify refuses before routing: a path with malformed percent-encoding. */
export function refuseUnreadablePath(cause: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // No hook has run that would return it.
  reply.header("x-request-id", request.id);
  void answerError(new AppError("BAD_REQUEST", { cause }), request, reply);
}

/** Node's own errors of a connection that is no HTTP request, or not yet. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
};

/** Answers a connection whose bytes are no HTTP, in our shape, and ends it. There is no request, so there is no route and no log line. */
export function refuseUnreadableBytes(cause: Error & { readonly code?: string }, socket: Socket): void {
  if (cause.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable) {
    const error = new AppError(CODES[cause.code ?? ""] ?? "BAD_REQUEST");
    const id = randomUUID();
    const body = { detail: sentence(error.code, "en"), code: error.code, request_id: id } satisfies ErrorBody;
    const text = JSON.stringify(body);
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      "Content-Type: application/json; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(text)}`,
      `X-Request-Id: ${id}`,
      "Connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  }
  socket.destroy(cause);
}
