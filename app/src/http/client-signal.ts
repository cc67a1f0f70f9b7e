import type { FastifyReply } from "fastify";

/**
 * A signal that aborts when the client leaves before its answer is complete. Fastify's own `request.signal` will not do:
 * it listens for the request's `close`, which Node also emits as soon as a request's body has been read.
 */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { raw } = reply;
  // It may have left while its request waited for a turn.
  if (raw.destroyed && !raw.writableFinished) controller.abort();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
