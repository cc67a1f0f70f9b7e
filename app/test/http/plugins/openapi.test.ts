import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS } from "../../../src/contract/endpoints";
import { METRICS } from "../../../src/contract/metrics";
import { pathsOf, TASK_NAMES, TASK_PATHS, TASKS } from "../../../src/contract/tasks";
import { VERSION } from "../../../src/contract/version";
import { TASK_BODIES } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ watch: true });
  while (!gateway.readiness.ready) await new Promise((resolve) => setTimeout(resolve, 5));
});
afterAll(() => gateway.close());

const documentSchema = z.object({
  openapi: z.string().startsWith("3.1"),
  info: z.object({ version: z.string() }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        summary: z.string(),
        responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
        requestBody: z
          .object({
            content: z.object({
              "application/json": z.object({
                example: z.unknown(),
                schema: z.object({ properties: z.record(z.string(), z.unknown()).default({}) }),
              }),
            }),
          })
          .optional(),
      }),
    ),
  ),
});

async function readDocument() {
  return documentSchema.parse(await (await fetch(`${gateway.url}${PATHS.openapi}`)).json());
}

/** Served for people, and described nowhere. */
const PAGES = new Set(["/", "/landing.css", "/landing.js", "/tasks.js", "/token.js", "/words.js", PATHS.openapi]);

const BODIES: Readonly<Record<string, unknown>> = Object.fromEntries(
  TASK_NAMES.flatMap((task) => pathsOf(task).map((path) => [path, TASK_BODIES[task]])),
);

/** Below `PATHS.admin`; adapters are there only with a registry of them. */
const ADMIN = [
  "get /drain",
  "post /drain",
  "delete /drain",
  "get /degraded",
  "post /degraded",
  "delete /degraded",
  "get /goodput",
  "get /activity",
].map((entry) => entry.replace(" ", ` ${PATHS.admin}`));

/** Operators' switches, which `DELETE` turns off again. */
const SWITCHES = [`${PATHS.admin}/drain`, `${PATHS.admin}/degraded`];

/** Named in the contract, and not a described route of this server. */
const ELSEWHERE: ReadonlySet<string> = new Set([PATHS.docs, PATHS.openapi, PATHS.admin]);

/** The paths in Fastify's own drawing of its routes, so that a route that nobody described is seen too. */
function servedPaths(tree: string): string[] {
  const parents: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const match = /^([│ ]*)[├└]── (\S*)( \()?/.exec(line);
    if (match === null) return [];
    const depth = (match[1] ?? "").length / 4;
    const path = (parents[depth - 1] ?? "") + (match[2] ?? "");
    parents[depth] = path;
    return match[3] === undefined ? [] : [path];
  });
}

describe("/openapi.json", () => {
  it("describes every route of the server, and no other", async () => {
    const { paths } = await readDocument();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const contract = Object.values(PATHS)
      .filter((path) => !ELSEWHERE.has(path))
      .map((path) => `get ${path}`)
      .concat(TASK_PATHS.map((path) => `post ${path}`));
    expect(described.filter((entry) => !entry.startsWith("head")).sort()).toEqual([...contract, ...ADMIN].sort());
    const own = servedPaths(gateway.app.printRoutes({ commonPrefix: false }));
    const served = own.filter((path) => !PAGES.has(path) && !path.startsWith(PATHS.docs));
    expect(new Set(served)).toEqual(new Set(Object.keys(paths)));
  });

  it("names the status and type of every route's answer", async () => {
    const { paths } = await readDocument();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const response =
          method === "post"
            ? await gateway.post(path, BODIES[path] ?? {})
            : await fetch(gateway.url + path, { method });
        await response.arrayBuffer();
        expect({ path, status: response.status }).toEqual({ path, status: 200 });
        const types = Object.keys(responses["200"]?.content ?? {});
        if (method !== "head") expect(types).toContain(response.headers.get("content-type")?.split(";")[0]);
      }
    }
  });

  it("has examples that their routes accept", async () => {
    const { paths } = await readDocument();
    const examples = Object.entries(paths).flatMap(([path, { post }]) => {
      const example = post?.requestBody?.content["application/json"].example;
      return example === undefined ? [] : [{ path, example }];
    });
    expect(new Set(examples.map(({ path }) => path))).toEqual(new Set([...Object.keys(BODIES), ...SWITCHES]));
    try {
      for (const { path, example } of examples) {
        expect({ path, status: (await gateway.post(path, example)).status }).toEqual({ path, status: 200 });
      }
    } finally {
      for (const path of SWITCHES) await fetch(gateway.url + path, { method: "DELETE" });
    }
  });

  it("describes for each task the fields that its row promises, at each of its paths", async () => {
    const { paths } = await readDocument();
    for (const path of TASK_PATHS) {
      const [task] = TASK_NAMES.filter((name) => pathsOf(name).includes(path));
      const { streamed = false, adapted = false } = task === undefined ? {} : TASKS[task];
      const post = paths[path]?.post;
      const fields = Object.keys(post?.requestBody?.content["application/json"].schema.properties ?? {});
      const events = "text/event-stream" in (post?.responses["200"]?.content ?? {});
      const found = { path, stream: fields.includes("stream"), events, adapter: fields.includes("adapter") };
      expect(found).toEqual({ path, stream: streamed, events: streamed, adapter: adapted });
    }
  });

  it("names the errors of every route", async () => {
    const { paths } = await readDocument();
    expect(Object.keys(paths[TASKS.til.path]?.post?.responses ?? {}).join(" ")).toBe(
      "200 400 401 403 413 415 422 429 502 503 504",
    );
  });

  const refused: [string, number, string, string][] = [
    ["a body of another type", 415, "text/plain", "a"],
    ["a body that is no JSON", 422, "application/json", "{"],
    ["a body that is too large", 413, "application/json", JSON.stringify("x".repeat(1024 * 1024))],
  ];
  it.each(refused)("names the answer of every route with a body to %s", async (_what, status, type, body) => {
    const { paths } = await readDocument();
    const posts = Object.entries(paths).filter(([, methods]) => methods.post !== undefined);
    expect(posts.length).toBeGreaterThanOrEqual(8);
    for (const [path, { post }] of posts) {
      const answer = await gateway.post(path, body, { headers: { "content-type": type } });
      expect({ path, status: answer.status }).toEqual({ path, status });
      expect({ path, named: Object.keys(post?.responses ?? {}) }).toMatchObject({
        named: expect.arrayContaining([String(status)]),
      });
    }
  });

  it("has the package's version", async () => {
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")));
    expect(VERSION).toBe(manifest.version);
    expect((await readDocument()).info.version).toBe(VERSION);
  });
});

describe("pages of the gateway", () => {
  it.each(["/", PATHS.docs])("load only files of this server at %s, under a strict policy", async (path) => {
    const response = await fetch(gateway.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    const references = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    const own = references.filter((reference) => !reference.startsWith("data:"));
    expect(own.length).toBeGreaterThanOrEqual(3);
    for (const reference of own) {
      const target = new URL(reference, gateway.url + path);
      expect(target.origin).toBe(gateway.url);
      expect({ reference, status: (await fetch(target)).status }).toEqual({ reference, status: 200 });
    }
  });

  it("are 404 with DOCS=false, the landing page excepted", async () => {
    const bare = await startSimulatedGateway({ docs: false });
    try {
      expect((await fetch(`${bare.url}/`)).status).toBe(200);
      for (const path of [PATHS.docs, PATHS.openapi]) expect((await fetch(bare.url + path)).status).toBe(404);
    } finally {
      await bare.close();
    }
  });
});

describe("/metrics", () => {
  it("has every metric name of the contract", async () => {
    await (await gateway.post(TASKS.news.path, { ...TASK_BODIES.news, stream: true })).text();
    const text = await (await fetch(gateway.url + PATHS.metrics)).text();
    for (const name of Object.values(METRICS)) expect(text).toContain(`# TYPE ${name} `);
    expect(text).toContain("gateway_ready 1");
    // Counted from 0: a series that begins at its first error has no increase, and no alert would see that burst.
    expect(text).toContain('gateway_requests_total{route="/til",method="POST",status="502"} 0');
    expect(text).toContain('gateway_rejected_requests_total{route="/interview",reason="QUEUE_FULL"} 0');
    expect(text).toContain('gateway_sla_requests_total{task="til",met="false"} 0');
    expect(text).toMatch(/^gateway_ttft_seconds_count\{task="news",model="m"\} [1-9]/m);
  });
});
