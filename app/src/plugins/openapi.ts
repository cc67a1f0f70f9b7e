import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import fastifyPlugin from "fastify-plugin";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { PATHS } from "../contract";

const DESCRIPTION = `Turns commits into TIL notes, summarises news and makes interview questions with open models.

Errors have FastAPI's shape: \`{"detail", "code", "request_id"}\`. Every answer carries \`X-Request-Id\`; a client may send
its own. With \`"stream": true\` the answer is a stream of server-sent events shaped like OpenAI's chunks.`;

/** Swagger UI needs inline styles; everything else comes from this origin, and nothing may frame it. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface OpenapiOptions {
  readonly version: string;
}

/** The OpenAPI document, made of the schemas that validate the requests, and Swagger UI. Before the routes. */
export const openapi = fastifyPlugin<OpenapiOptions>(
  async (app, { version }) => {
    await app.register(fastifySwagger, {
      openapi: {
        openapi: "3.1.0",
        info: { title: "Terrace", description: DESCRIPTION, version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
        tags: [
          { name: "generation", description: "Answered by the language models" },
          { name: "health", description: "For probes, load balancers and Prometheus" },
        ],
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    });

    // The bundle has the UI's files beside it; from source they are found in the package.
    const bundled = join(__dirname, "static");
    await app.register(fastifySwaggerUi, {
      routePrefix: PATHS.docs,
      staticCSP: DOCS_POLICY,
      ...(existsSync(bundled) && { baseDir: bundled }),
    });

    app.get(PATHS.openapi, { schema: { hide: true } }, async () => app.swagger());
  },
  { name: "openapi" },
);
