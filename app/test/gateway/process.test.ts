import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { LOCAL_TOKEN_FILE } from "../../src/contract/service-token";
import { NEWS_BODY } from "../support/bodies";
import { chunk, say, startEngine } from "../support/engine";
import { startMetadataWatch } from "../support/metadata-watch";
import { type Child, startNode } from "../support/process";
import { parseEvents, textOfEvents } from "../support/sse";

const APP = join(__dirname, "../..");
let folder = "";
let launcher = "";
/** The bundle without anything else of the repository beside it, as in the image. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-app-"));
  execFileSync(process.execPath, [join(APP, "build.mjs"), join(folder, "dist")]);
  cpSync(join(APP, "bin"), join(folder, "bin"), { recursive: true });
  launcher = join(folder, "bin", "terrace-app.cjs");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const children: Child[] = [];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill("SIGKILL");
    await child.ended;
  }
  for (const close of closers.splice(0)) await close();
});

let starts = 0;

function start(env: Readonly<Record<string, string>> = {}, script = launcher): Child {
  starts += 1;
  const DATA_DIR = join(folder, `data-${starts}`);
  const child = startNode([script], { PORT: "0", SIMULATOR_SPEED: "0", DATA_DIR, ...env });
  children.push(child);
  return child;
}

async function urlOf(child: Child): Promise<string> {
  const [, port] = await child.until(/listening on http:\/\/localhost:(\d+)/);
  return `http://127.0.0.1:${port}`;
}

async function ready(url: string): Promise<void> {
  while ((await fetch(`${url}/healthz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function news(url: string, body: object = {}): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/news`, { method: "POST", headers, body: JSON.stringify({ ...NEWS_BODY, ...body }) });
}

/** An engine whose streams are open until the test ends them. */
async function patientEngine() {
  const finish: (() => void)[] = [];
  const engine = await startEngine((asked, response) => {
    // The warm-up.
    if (asked.body.max_tokens === 1) return say(response, "p");
    response.setHeader("content-type", "text/event-stream");
    response.write(chunk("begun "));
    finish.push(() => response.end(`${chunk("finished", "stop")}data: [DONE]\n\n`));
  });
  closers.push(() => engine.close());
  return {
    ...engine,
    finish() {
      for (const end of finish.splice(0)) end();
    },
  };
}

describe("terrace-app", () => {
  it("serves from the bundle alone with the embedded simulator, and logs JSON", async () => {
    const child = start();
    const url = await urlOf(child);
    await ready(url);
    expect(await (await news(url)).json()).toMatchObject({ simulated: true });
    for (const path of ["/", "/landing.css", "/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"]) {
      expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 200 });
    }
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
    const lines = child.output().trim().split("\n");
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(lines.some((line) => line.includes("simulated engine"))).toBe(true);
  });

  it("opens to this machine on its first start alone, and keeps its token out of the log", async () => {
    const DATA_DIR = join(folder, "data-of-two-starts");
    for (const status of [200, 401]) {
      const child = start({ DATA_DIR });
      const url = await urlOf(child);
      await ready(url);
      expect((await news(url)).status).toBe(status);
      const token = readFileSync(join(DATA_DIR, LOCAL_TOKEN_FILE), "utf8").trim();
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const known = await fetch(`${url}/news`, { method: "POST", headers, body: JSON.stringify(NEWS_BODY) });
      expect(known.status).toBe(200);
      expect((await fetch(`${url}/api/v1/admin/goodput`)).status).toBe(401);
      child.process.kill("SIGTERM");
      expect(await child.ended).toBe(0);
      expect(child.output()).toContain(join(DATA_DIR, LOCAL_TOKEN_FILE));
      expect(child.output()).not.toContain(token);
    }
  });

  it("drains on SIGTERM: is not ready at once, still serves, and finishes a stream in flight", async () => {
    const engine = await patientEngine();
    const child = start({ VLLM_BASE_URL: engine.baseUrl, PRESTOP_MS: "600", DRAIN_TIMEOUT_MS: "5000" });
    const url = await urlOf(child);
    await ready(url);
    const stream = await news(url, { stream: true });
    child.process.kill("SIGTERM");
    await child.until(/draining/);
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const late = await news(url, { stream: true });
    expect(late.status).toBe(200);
    // After the pre-stop wait new connections are refused, and both streams are still open.
    await new Promise((resolve) => setTimeout(resolve, 700));
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    engine.finish();
    for (const response of [stream, late]) {
      const events = parseEvents(await response.text());
      expect(textOfEvents(events)).toBe("begun finished");
      expect(events.at(-1)?.done).toBe(true);
      expect(events.filter((event) => event.name === "draining")).toHaveLength(1);
    }
    // Well before KEEP_ALIVE_MS, although clients keep their connections.
    expect(await child.ended).toBe(0);
    const report = JSON.parse(/^.*"msg":"drained".*$/m.exec(child.output())?.[0] ?? "{}");
    expect(report).toMatchObject({ reason: "signal", inFlight: 1, accepted: 1, completed: 2, lost: 0, left: 0 });
    expect(report.seconds).toBeGreaterThan(0.6);
  });

  it("cuts unfinished streams with an error event when the drain time is over, and logs how many", async () => {
    const engine = await patientEngine();
    const child = start({ VLLM_BASE_URL: engine.baseUrl, DRAIN_TIMEOUT_MS: "200" });
    const url = await urlOf(child);
    const stream = await news(url, { stream: true });
    child.process.kill("SIGTERM");
    const events = parseEvents(await stream.text());
    expect(events.map(({ name }) => name)).toEqual([undefined, "draining", "error"]);
    expect(events.at(-1)?.data?.code).toBe("DRAINING");
    expect(await child.ended).toBe(0);
    expect(child.output()).toContain("drain time is over");
    expect(child.output()).toMatch(/"completed":0,"lost":1,"left":0.*"msg":"drained"/);
  });

  it("drains and exits when its machine is preempted, and counts the signal that follows as the first", async () => {
    const engine = await patientEngine();
    const metadata = await startMetadataWatch();
    closers.push(metadata.close);
    const child = start({
      VLLM_BASE_URL: engine.baseUrl,
      WATCH_PREEMPTION: "true",
      METADATA_URL: metadata.url,
      PRESTOP_MS: "300",
      DRAIN_TIMEOUT_MS: "5000",
    });
    const url = await urlOf(child);
    await ready(url);
    const stream = await news(url, { stream: true });
    await metadata.bothWait();
    metadata.set("preempted", "TRUE");
    await child.until(/being preempted/);
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const name of ["preempted", "degraded"]) expect(metrics).toContain(`gateway_${name} 1\n`);
    child.process.kill("SIGTERM");
    await child.until(/SIGTERM/);
    engine.finish();
    expect(parseEvents(await stream.text()).at(-1)?.done).toBe(true);
    expect(await child.ended).toBe(0);
    expect(child.output()).toMatch(/"reason":"preemption".*"completed":1,"lost":0.*"msg":"drained"/);
  });

  it("serves without a metadata server", async () => {
    const child = start({ WATCH_PREEMPTION: "true", METADATA_URL: "http://127.0.0.1:1" });
    const url = await urlOf(child);
    await child.until(/metadata server does not answer/);
    await ready(url);
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
  });

  it("exits at once at a second signal, but not at npm's echo of the first", async () => {
    const engine = await patientEngine();
    const child = start({ VLLM_BASE_URL: engine.baseUrl, PRESTOP_MS: "20000" });
    await urlOf(child);
    child.process.kill("SIGINT");
    await child.until(/draining/);
    child.process.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(child.process.exitCode).toBeNull();
    child.process.kill("SIGINT");
    expect(await child.ended).toBe(1);
  });
});

describe("terrace-app that cannot start", () => {
  it("exits with code 2 and a line for each wrong variable, before anything listens", async () => {
    const child = start({ PORT: "http", LOG_LEVEL: "loud" });
    expect(await child.ended).toBe(2);
    expect(child.output().trim().split("\n")).toEqual([
      expect.stringMatching(/^PORT="http": must be .*; for example PORT='8001'/),
      expect.stringMatching(/^LOG_LEVEL="loud": must be one of /),
    ]);
  });

  it("prints the busy port, how to find the process that holds it, and another port", async () => {
    const first = start();
    const { port } = new URL(await urlOf(first));
    const second = start({ PORT: port, LOG_LEVEL: "silent" });
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`Port ${port} is in use`);
    expect(second.output()).toContain(`lsof -i :${port}`);
    expect(second.output()).toContain(`PORT=${Number(port) + 1} npm start`);
    expect(second.output()).not.toContain("    at ");
  });

  it("prints that Node is too old, before anything else is loaded", async () => {
    const script = `require(${JSON.stringify(join(APP, "bin/require-node.cjs"))}).requireNode(process.argv[1])`;
    for (const [version, code] of [
      ["18.20.4", 1],
      ["20.18.9", 1],
      ["20.19.0", 0],
      ["22.1.0", 0],
    ] as const) {
      const child = startNode(["-e", script, version]);
      children.push(child);
      expect(await child.ended).toBe(code);
      expect(child.output()).toEqual(
        code === 0 ? "" : expect.stringContaining(`needs Node 20.19 or newer; this is Node ${version}`),
      );
    }
  });

  it("prints how to build a bundle that is missing", async () => {
    const bare = join(folder, "bare", "bin");
    cpSync(join(APP, "bin"), bare, { recursive: true });
    const child = start({}, join(bare, "terrace-app.cjs"));
    expect(await child.ended).toBe(1);
    expect(child.output()).toBe("The app is not built yet. Build it: npm run build -w @terrace/app\n");
  });
});

describe("terrace-simulator", () => {
  it("prints its address when it listens, and stops on a signal", async () => {
    const child = start({}, join(folder, "bin", "terrace-simulator.cjs"));
    const [, url] = await child.until(/simulated engine at (http:\S+)\/v1/);
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
  });
});
