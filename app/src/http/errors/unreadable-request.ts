import { randomUUID } from "node:crypto";
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorCode } from "../../shared/errors/app-error";
import { answerError, errorBody } from "./error-handler";

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
  if (socket.writable) answerSocket(socket, new AppError(CODES[cause.code ?? ""] ?? "BAD_REQUEST"));
  socket.destroy(cause);
}

/** Answers in our shape what Node would refuse in its own, or with the end of the connection: `Expect`, and `CONNECT`. */
export function refuseUnservable(server: Server): void {
  server.on("checkExpectation", ({ headers }: IncomingMessage, response: ServerResponse) => {
    const { status, text, fields } = answerOf(new AppError("EXPECTATION_FAILED"), headers);
    response.writeHead(status, fields).end(text);
  });
  server.on("connect", ({ headers }: IncomingMessage, socket: Socket) => {
    answerSocket(socket, new AppError("BAD_REQUEST"), headers);
    socket.end();
  });
}

function answerSocket(socket: Socket, error: AppError, headers?: IncomingHttpHeaders): void {
  const { status, text, fields } = answerOf(error, headers);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(fields).map((field) => field.join(": ")),
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
}

/** An answer past Fastify, after which the connection ends. */
function answerOf(error: AppError, headers: IncomingHttpHeaders = {}) {
  const id = randomUUID();
  const text = JSON.stringify(errorBody(error, { headers, id }));
  const fields = {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "X-Request-Id": id,
    Connection: "close",
  };
  return { status: error.status, text, fields };
}
