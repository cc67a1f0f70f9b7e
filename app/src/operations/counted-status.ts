import type { FastifyReply, FastifyRequest } from "fastify";
import type { AppError } from "../shared/errors/app-error";

const failures = new WeakMap<FastifyRequest, number>();

/** Marks a stream as failed after its head has promised 200. */
export function failedAfterHead(request: FastifyRequest, error: AppError): void {
  failures.set(request, error.status);
}

/**
 * Status under which an answer is counted and traced: 499 where the client left, and of a stream that ended with an
 * error event the status that this error has before the head. A broken stream would otherwise be as good as a whole one.
 */
export function countedStatus(request: FastifyRequest, reply: FastifyReply): number {
  return failures.get(request) ?? (reply.raw.writableFinished ? reply.statusCode : 499);
}
