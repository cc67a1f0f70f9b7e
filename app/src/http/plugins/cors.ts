import type { FastifyReply } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** Methods of our routes that a browser asks about. */
const METHODS = "GET, POST, DELETE";
/** Headers that our routes read. */
const REQUEST_HEADERS = "authorization, content-type, accept-language, x-priority, x-request-id, traceparent";
/** Headers that a page may read of an answer. */
const ANSWER_HEADERS = "x-request-id, retry-after, x-simulated, x-fallback, x-cache";
/** Seconds for which a browser keeps the answer to its preflight; Chromium keeps none longer than 7,200. */
const MAX_AGE_SECONDS = "600";

export interface CorsOptions {
  /** Origins whose pages may call this service. */
  readonly origins: readonly string[];
}

/**
 * Answers pages of the configured origins as the Fetch standard wants it (https://fetch.spec.whatwg.org/#http-cors-protocol). Never with
 * credentials: a page sends its token itself. Registered before the routes.
 */
export const cors = fastifyPlugin<CorsOptions>(
  async (app, { origins }) => {
    const allowed = new Set(origins);
    // With the request, not with the answer: streams are written past Fastify's answers.
    app.addHook("onRequest", async (request, reply) => {
      reply.header("vary", "Origin");
      const { origin } = request.headers;
      if (origin === undefined || !allowed.has(origin)) return;
      reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", ANSWER_HEADERS);
      const preflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
      if (preflight) await answerPreflight(reply);
    });
  },
  { name: "cors" },
);

async function answerPreflight(reply: FastifyReply): Promise<void> {
  await reply
    .code(204)
    .header("access-control-allow-methods", METHODS)
    .header("access-control-allow-headers", REQUEST_HEADERS)
    .header("access-control-max-age", MAX_AGE_SECONDS)
    .send();
}
