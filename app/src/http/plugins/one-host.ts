import type { IncomingMessage } from "node:http";
import fastifyPlugin from "fastify-plugin";
import { AppError } from "../../shared/errors/app-error";

/**
 * Refuses a request that does not name its host once (RFC 9112 §3.2): of two, a proxy may go by the one and this service by
 * the other. HTTP/1.0 has none to send.
 */
export const oneHost = fastifyPlugin(
  async (app) => {
    app.addHook("onRequest", (request, _reply, done) => {
      done(namesOneHost(request.raw) ? undefined : new AppError("HOST_HEADER"));
    });
  },
  { name: "one-host" },
);

function namesOneHost({ rawHeaders, headers, httpVersion }: IncomingMessage): boolean {
  if (headers.host === undefined) return httpVersion === "1.0";
  // `headers` keeps the first one. Names and values alternate.
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.length === 4 && /^host$/i.test(text)).length === 1;
}
