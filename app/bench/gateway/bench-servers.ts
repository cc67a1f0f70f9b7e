import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { freePort } from "../../../testing/free-port";
import { PATHS } from "../../src/contract/endpoints";
import { EVERY_USER, serviceTokenItem } from "../../src/contract/service-token";
import { TASKS } from "../../src/contract/tasks";
import { requestBody } from "../../src/engines/client/protocol";
import type { LoadOrder } from "./load-order";
import { pythonEnvironment } from "./python-environment";
import { type ServerProcess, startServer } from "./server-process";

const APP = join(__dirname, "..", "..");
const FOLDER = join(APP, "..", "out", "bench", "gateway");
const MODEL = "gemma3-12b-it-gptq";
const TOKEN = randomBytes(32).toString("base64url");
const TOKEN_SHA256 = createHash("sha256").update(TOKEN).digest("hex");
/** Places at the engine: more than there are connections, so that no queue is measured. */
const SLOTS = "64";

/** Some 110 tokens; the simulator answers out of them. */
const MESSAGES = [
  { role: "system", content: "You answer in English." },
  {
    role: "user",
    content:
      "A write-ahead log records every change before the pages change. After a crash the log is read from the last " +
      "checkpoint and every change in it is made again. Commits wait until the log is on disk, so that no answered commit " +
      "is lost. Pages reach the disk later, in any order. What does a write-ahead log promise, and what does it cost?",
  },
] as const;
/** Source: facts.md's own measurement, 32 chunks an answer. */
const MAX_TOKENS = 32;
const TEMPERATURE = 0.7;

/** The same for every server in front of the engine. */
const CHAT: Omit<LoadOrder, "port" | "connections" | "seconds"> = {
  path: TASKS.chat.path,
  headers: { authorization: `Bearer ${TOKEN}` },
  body: JSON.stringify({ messages: MESSAGES, max_tokens: MAX_TOKENS, temperature: TEMPERATURE }),
};

/** What the gateway makes of it for the engine. */
const ENGINE_CHAT: typeof CHAT = {
  path: "/v1/chat/completions",
  headers: {},
  body: requestBody(MODEL, { messages: MESSAGES, maxTokens: MAX_TOKENS, temperature: TEMPERATURE }, undefined),
};

/** A server that the load generator sends requests to. */
export interface BenchServer {
  readonly name: string;
  readonly process: ServerProcess;
  readonly order: typeof CHAT;
}

/**
 * Bundles what runs: the gateway and the simulator as they are deployed, the bare proxy, the load generator and the watch
 * of an event loop alike.
 */
export async function bundle(): Promise<{ readonly load: string; readonly loopWatch: string }> {
  mkdirSync(FOLDER, { recursive: true });
  execFileSync(process.execPath, [join(APP, "build.mjs"), join(FOLDER, "app")]);
  await build({
    entryPoints: {
      load: join(__dirname, "load-worker.ts"),
      "loop-watch": join(APP, "bench/bodies/loop-watch.ts"),
      "bare-proxy": join(APP, "bench/peers/bare-proxy/bare-proxy.ts"),
    },
    outdir: FOLDER,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    logLevel: "warning",
  });
  return { load: join(FOLDER, "load.js"), loopWatch: join(FOLDER, "loop-watch.js") };
}

/** The engine: without delays, but one token at a time as engines send them. */
export async function spawnEngine(): Promise<BenchServer> {
  const port = await freePort();
  const args = ["--port", String(port), "--speed", "0", "--stepwise", "--max-num-seqs", SLOTS];
  const engine = await startServer({
    port,
    command: process.execPath,
    args: [join(FOLDER, "app/simulator.js"), ...args],
  });
  return { name: "simulator, directly", process: engine, order: ENGINE_CHAT };
}

/**
 * The gateway with a service token and everything else by default.
 * @param logs `info` logs every request
 * @param watch a script that runs in its process, and the variables that the script reads. @default none
 */
export async function spawnGateway(
  engine: BenchServer,
  logs: "warn" | "info",
  watch?: { readonly script: string; readonly env: Readonly<Record<string, string>> },
): Promise<BenchServer> {
  const port = await freePort();
  const data = join(FOLDER, `data-${logs}`);
  rmSync(data, { recursive: true, force: true });
  const gateway = await startServer({
    port,
    command: process.execPath,
    readyPath: PATHS.ready,
    args: [...(watch === undefined ? [] : ["--require", watch.script]), join(FOLDER, "app/main.js")],
    env: {
      ...watch?.env,
      PORT: String(port),
      LOG_LEVEL: logs,
      DATA_DIR: data,
      SERVICE_TOKENS: serviceTokenItem({ name: "bench", role: "service", users: [EVERY_USER], sha256: TOKEN_SHA256 }),
      VLLM_BASE_URL: `http://127.0.0.1:${engine.process.port}/v1`,
      VLLM_MODEL: MODEL,
      MODEL_CONCURRENCY: SLOTS,
    },
  });
  return { name: logs === "info" ? "gateway, logging" : "gateway", process: gateway, order: CHAT };
}

export async function spawnBareProxy(engine: BenchServer): Promise<BenchServer> {
  const port = await freePort();
  const proxy = await startServer({
    port,
    command: process.execPath,
    args: [join(FOLDER, "bare-proxy.js"), `http://127.0.0.1:${engine.process.port}`, String(port)],
  });
  return { name: "bare Node proxy", process: proxy, order: ENGINE_CHAT };
}

/** @throws Error where Python or a package cannot be had */
export async function spawnFastApi(engine: BenchServer): Promise<BenchServer> {
  const port = await freePort();
  const folder = join(APP, "bench/peers/fastapi");
  const programs = await pythonEnvironment(join(folder, "requirements.txt"));
  const peer = await startServer({
    port,
    command: join(programs, "uvicorn"),
    cwd: folder,
    args: ["peer:app", "--port", String(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log"],
    env: {
      ENGINE_URL: `http://127.0.0.1:${engine.process.port}/v1`,
      MODEL,
      MODEL_CONCURRENCY: SLOTS,
      TOKEN_SHA256,
      // Nothing is written beside the source.
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  return { name: "FastAPI, uvicorn", process: peer, order: CHAT };
}
