// Bundles the gateway and the simulator into dist/, with the files that they serve beside them. Nothing else of
// node_modules is needed to run it.
// Usage: node build.mjs [folder]    (default: dist beside this file)
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const out = resolve(process.argv[2] ?? join(here, "dist"));
const swaggerUi = dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json"));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: {
    main: join(here, "src/main.ts"),
    simulator: join(here, "simulator/src/main.ts"),
    "redaction-worker": join(here, "src/shared/redaction/redaction-worker.ts"),
    // 18 MB, loaded only with TOKEN_COUNT=exact.
    "tokenizer-worker": join(here, "src/shared/tokens/tokenizer-worker.ts"),
  },
  outdir: out,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  sourcemap: "linked",
  sourcesContent: false,
  minifySyntax: true,
  legalComments: "linked",
  // Native: for a checkout alone. The image has no node_modules, and names the variable to set instead.
  external: ["@lancedb/lancedb", "apache-arrow"],
  logLevel: "warning",
});
// `__dirname` of a bundled module is dist/: these are the folders that they then look for.
cpSync(join(here, "src/http/landing/public"), join(out, "public"), { recursive: true });
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"])
  cpSync(join(swaggerUi, "static", file), join(out, "static", file));
