/** `routes`: which model and which machines answer each class of routes. The classes and their paths are those of the app's tasks. */
import { z } from "zod";
import {
  DEFAULT_ROUTE_CLASS,
  ROUTE_CLASSES,
  type RouteClass,
  routePathsOf,
  TASKS,
  tableOf,
  tasksOf,
} from "../../app/src/contract/tasks";
import { model, oneOf, resourceLabel, text } from "./fields";

/** What a class serves, from its tasks. */
function aboutClass(routeClass: RouteClass): string {
  const about = tasksOf(routeClass).map((task) => TASKS[task].about);
  const rest = routeClass === DEFAULT_ROUTE_CLASS ? ", and everything that no other route names" : "";
  return `${about.join("; ")}${rest}.`;
}

const routeOf = (routeClass: RouteClass) =>
  z
    .strictObject({
      paths: z
        .array(
          text(/^\/[a-z0-9_\-/]*(\/\*)?$/, {
            rule: "must be a path in lower case, with * only as the last segment",
            fix: "write /til or /api/*",
          }),
        )
        .min(1, { error: "must list at least one path" })
        .default(routePathsOf(routeClass))
        .describe("Paths of the class; `/til` also serves `/til/...`. Those of its tasks by default."),
      model: model.describe("Model that answers it; every group of the route must run it."),
      groups: z
        .array(resourceLabel)
        .min(1, { error: "must name at least one group" })
        .describe("Groups that serve it, by name."),
      fallback: oneOf(ROUTE_CLASSES, "a route class")
        .optional()
        .describe("Route class whose model answers while this one's cannot; none by default."),
    })
    .describe(aboutClass(routeClass));

export const routesField = z
  .strictObject(tableOf(ROUTE_CLASSES, routeOf))
  .describe("Route classes: one backend service each.");
