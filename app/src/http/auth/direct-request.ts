import type { FastifyRequest } from "fastify";
import { isLoopback } from "../../shared/loopback";

/** Headers by which a proxy says that it sends somebody else's request. */
const FORWARDING =
  /^(forwarded|via|x-forwarded.*|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-original-.*)$/;

/**
 * Whether a request seems to come from a program on this machine, where only this machine can connect: nothing in it
 * is a proxy's, and its Host is this machine. A proxy here that hides all of that is not recognised.
 */
export function isDirect({ raw }: Pick<FastifyRequest, "raw">): boolean {
  // nginx talks HTTP/1.0 to what is behind it unless it is told otherwise; no browser and no curl does.
  if (raw.httpVersion === "1.0") return false;
  if (Object.keys(raw.headers).some((name) => FORWARDING.test(name))) return false;
  // A page of another site can make a browser here connect by a name of its own (DNS rebinding).
  const [, name = ""] = /^([^/:@]+|\[::1\])(?::\d{1,5})?$/.exec(raw.headers.host ?? "") ?? [];
  return isLoopback(name);
}
