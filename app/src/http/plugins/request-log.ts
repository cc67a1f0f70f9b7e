import { LogController } from "fastify";
import { pathsOf, TASK_NAMES, TASKS } from "../../contract/tasks";

/** Routes whose handler writes one line with all of Fastify's two and more. */
const OWN_LINE: ReadonlySet<string> = new Set(TASK_NAMES.filter((task) => TASKS[task].ownLogLine).flatMap(pathsOf));

/**
 * Fastify's lines about each request, left out where the route has its own: a line costs as much as the request's validation.
 * What no route takes has the line of its refusal: anybody can send it, and fill a disk with what is logged.
 */
export function requestLog(): LogController {
  return new LogController({
    disableRequestLogging: ({ is404, routeOptions }) => is404 || OWN_LINE.has(routeOptions.url ?? ""),
  });
}
