import { LogController } from "fastify";
import { pathsOf, TASK_NAMES, TASKS } from "../../contract/tasks";

/** Routes whose handler writes one line with all of Fastify's two and more. */
const OWN_LINE: ReadonlySet<string> = new Set(TASK_NAMES.filter((task) => TASKS[task].ownLogLine).flatMap(pathsOf));

/** Fastify's lines about each request, left out where the route has its own: a line costs as much as the request's validation. */
export function requestLog(): LogController {
  return new LogController({ disableRequestLogging: ({ routeOptions }) => OWN_LINE.has(routeOptions.url ?? "") });
}
