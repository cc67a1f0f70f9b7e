import type { FastifyRequest } from "fastify";
import { AppError } from "../../shared/errors/app-error";

/** Methods that a browser sends to another site without asking it, and that change something here. */
const SIMPLE = new Set(["POST"]);
/** Values of `Sec-Fetch-Site` of our own page, and of an address that a person typed. */
const OWN = new Set(["same-origin", "none"]);
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Refuses what a page of another site can make a browser send: a request that carries no token, and comes from elsewhere or is of
 * a type for which a browser does not ask beforehand (CORS preflight). With a token it is no browser's doing.
 * @throws AppError `CROSS_SITE` (403), `UNSUPPORTED_MEDIA_TYPE` (415)
 */
export function refuseCrossSite({ method, headers }: Pick<FastifyRequest, "method" | "headers">): void {
  if (headers.authorization !== undefined) return;
  if (!isOwn(headers)) throw new AppError("CROSS_SITE");
  // Also where a route takes no body.
  if (SIMPLE.has(method) && !JSON_TYPE.test(headers["content-type"] ?? ""))
    throw new AppError("UNSUPPORTED_MEDIA_TYPE");
}

function isOwn({ host, origin, "sec-fetch-site": site }: FastifyRequest["headers"]): boolean {
  if (site !== undefined && !(typeof site === "string" && OWN.has(site))) return false;
  // Older browsers send an Origin alone.
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
