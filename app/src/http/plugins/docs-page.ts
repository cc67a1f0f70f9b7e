import { createReadStream, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyPluginAsync } from "fastify";
import { PATHS } from "../../contract/endpoints";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Terrace API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${PATHS.docs}/swagger-ui.css">
<script src="${PATHS.docs}/swagger-ui-bundle.js" defer></script>
<script src="${PATHS.docs}/start.js" defer></script>
</head>
<body><div id="docs"></div></body>
</html>
`;

const START = `SwaggerUIBundle({ url: ${JSON.stringify(PATHS.openapi)}, dom_id: "#docs", deepLinking: true, validatorUrl: null });\n`;

const FILES = [
  { name: "swagger-ui.css", type: "text/css; charset=utf-8" },
  { name: "swagger-ui-bundle.js", type: "text/javascript; charset=utf-8" },
] as const;

/** Everything comes from this origin, and nothing may frame it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Where Swagger UI's files are: beside the bundle, or in the package that brings them when run from source. */
function assetsFolder(): string {
  const bundled = join(__dirname, "static");
  if (existsSync(bundled)) return bundled;
  return join(dirname(createRequire(__filename).resolve("@fastify/swagger-ui/package.json")), "static");
}

/**
 * Swagger UI on `/docs`. Only the files of `@fastify/swagger-ui` are used: its plugin sends them through a file server
 * with a wildcard route, where three fixed files do.
 */
export const docsPage: FastifyPluginAsync = async (app) => {
  const folder = assetsFolder();
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("content-security-policy", POLICY);
  });
  const hidden = { schema: { hide: true } };
  app.get(PATHS.docs, hidden, async (_request, reply) => reply.type("text/html; charset=utf-8").send(PAGE));
  app.get(`${PATHS.docs}/start.js`, hidden, async (_request, reply) =>
    reply.type("text/javascript; charset=utf-8").send(START),
  );
  for (const { name, type } of FILES) {
    app.get(`${PATHS.docs}/${name}`, hidden, async (_request, reply) =>
      reply
        .type(type)
        .header("cache-control", "public, max-age=3600")
        .send(createReadStream(join(folder, name))),
    );
  }
};
