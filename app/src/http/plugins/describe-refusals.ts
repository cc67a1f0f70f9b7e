import type { RouteOptions } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { ENV } from "../../contract/variables";
import { errorSchema } from "../errors/schema";

/** Methods whose bodies are read. */
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

const OF_BODIES = {
  400: errorSchema.describe("The body is not UTF-8, or the request could not be read"),
  413: errorSchema.describe(`The body is larger than ${ENV.bodyLimitBytes}`),
  415: errorSchema.describe("The body is not application/json in UTF-8, or has a Content-Encoding"),
} as const;

const OF_FIELDS = { 422: errorSchema.describe("A field is missing, wrong or unknown") } as const;

/**
 * Adds to every route's OpenAPI entry the refusals from before its handler runs. A route's own entry wins.
 * Registered before the routes.
 */
export const describeRefusals = fastifyPlugin(
  async (app) => {
    app.addHook("onRoute", (route) => {
      const refusals = refusalsOf(route);
      if (Object.keys(refusals).length === 0) return;
      const { response } = route.schema ?? {};
      route.schema = {
        ...route.schema,
        response: { ...refusals, ...(typeof response === "object" ? response : {}) },
      };
    });
  },
  { name: "describe-refusals" },
);

function refusalsOf({ method, schema = {} }: RouteOptions) {
  const body = [method].flat().some((name) => WITH_BODY.has(name));
  const fields = body || "params" in schema || "querystring" in schema || "headers" in schema;
  return { ...(body && OF_BODIES), ...(fields && OF_FIELDS) };
}
