// Bundles the gateway and the simulator into dist/, with the files that they serve beside them. Nothing else of
// node_modules is needed to run it.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const out = join(here, "dist");
const swaggerUi = dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
await build({
  entryPoints: { main: join(here, "src/main.ts"), simulator: join(here, "src/simulator/main.ts") },
  outdir: out,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  sourcemap: "linked",
  sourcesContent: false,
  minifySyntax: true,
  legalComments: "linked",
  logLevel: "warning",
});
// `__dirname` of a bundled module is dist/: these are the folders that they then look for.
cpSync(join(here, "src/landing/public"), join(out, "public"), { recursive: true });
cpSync(join(swaggerUi, "static"), join(out, "static"), { recursive: true });
