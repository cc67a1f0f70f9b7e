import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyPluginAsync } from "fastify";

/** Files of the landing page, beside the source and beside the bundle alike. */
const FOLDER = join(__dirname, "public");

const FILES = [
  { url: "/", file: "index.html", type: "text/html; charset=utf-8" },
  { url: "/landing.css", file: "landing.css", type: "text/css; charset=utf-8" },
  { url: "/landing.js", file: "landing.js", type: "text/javascript; charset=utf-8" },
  { url: "/tasks.js", file: "tasks.js", type: "text/javascript; charset=utf-8" },
  { url: "/token.js", file: "token.js", type: "text/javascript; charset=utf-8" },
  { url: "/words.js", file: "words.js", type: "text/javascript; charset=utf-8" },
] as const;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A page to try the routes from a browser. Read once, at boot. */
export const landingRoutes: FastifyPluginAsync = async (app) => {
  for (const { url, file, type } of FILES) {
    const content = await readFile(join(FOLDER, file));
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header("content-security-policy", POLICY).header("cache-control", "no-cache").send(content),
    );
  }
};
