import fastifySwagger from "@fastify/swagger";
import fastifyPlugin from "fastify-plugin";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { PATHS } from "../../contract/endpoints";
import { ENV } from "../../contract/variables";
import { SECURITY_SCHEME } from "../auth/require-role";
import { docsPage } from "./docs-page";

const DESCRIPTION = `Turns commits into TIL notes, summarises news and makes interview questions with open models.

Errors have FastAPI's shape: \`{"detail", "code", "request_id"}\`. Every answer carries \`X-Request-Id\`; a client may send
its own. With \`"stream": true\` the answer is a stream of server-sent events shaped like OpenAI's chunks.`;

export interface OpenapiOptions {
  readonly version: string;
}

/** The OpenAPI document, made of the schemas that validate the requests, and its page. Registered before the routes. */
export const openapi = fastifyPlugin<OpenapiOptions>(
  async (app, { version }) => {
    await app.register(fastifySwagger, {
      openapi: {
        openapi: "3.1.0",
        info: {
          title: "Terrace",
          description: DESCRIPTION,
          version,
          license: { name: "Apache-2.0", identifier: "Apache-2.0" },
        },
        tags: [
          { name: "generation", description: "Answered by the language models" },
          { name: "health", description: "For probes, load balancers and Prometheus" },
        ],
        components: {
          securitySchemes: {
            [SECURITY_SCHEME]: {
              type: "http",
              scheme: "bearer",
              description: `A token of \`${ENV.serviceTokens}\`; where none is set, the one that \`npm start\` printed`,
            },
          },
        },
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    });

    await app.register(docsPage);
    app.get(PATHS.openapi, { schema: { hide: true } }, async () => app.swagger());
  },
  { name: "openapi" },
);
