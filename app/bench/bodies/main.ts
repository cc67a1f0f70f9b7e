/**
 * `npm run bench:bodies`: how long one request can keep everybody else's waiting. Sends the worst legal bodies to each
 * route of a gateway of its own, one at a time, and reads after each the longest delay of the event loop in it
 * (`perf_hooks.monitorEventLoopDelay`, as `/metrics` reports it; it counts from 10 ms, its resolution).
 */
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { renderTable } from "../../../reporting/table";
import { PATHS } from "../../src/contract/endpoints";
import { TASK_NAMES, TASKS } from "../../src/contract/tasks";
import { type BenchServer, bundle, spawnEngine, spawnGateway } from "../gateway/bench-servers";
import { WORST_BODIES } from "./worst-bodies";

/** Milliseconds between bodies: load shedding looks at the last second. */
const PAUSE_MS = 2_500;
/** Codes of a body that is legal: what it needs of the engine is no longer the gateway's work. */
const ANSWERED: ReadonlySet<string> = new Set(["", "PROMPT_TOO_LONG"]);
const LONGEST_DELAY = /^nodejs_eventloop_lag_max_seconds (\S+)$/m;

const codeSchema = z.object({ code: z.string().optional() });

interface Measured {
  readonly path: string;
  readonly name: string;
  readonly status: number;
  /** Of an error; empty for an answer. */
  readonly code: string;
  /** Milliseconds. */
  readonly block: number;
}

async function main(): Promise<void> {
  console.error("bundling");
  await bundle();
  const engine = await spawnEngine();
  try {
    const gateway = await spawnGateway(engine, "warn");
    try {
      report(await measureAll(gateway));
    } finally {
      await gateway.process.stop();
    }
  } finally {
    await engine.process.stop();
  }
}

async function measureAll(gateway: BenchServer): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const task of TASK_NAMES) {
    for (const { name, body } of WORST_BODIES[task]) {
      const { path } = TASKS[task];
      console.error(`${path}: ${name}, load average ${loadavg()[0]?.toFixed(1)}`);
      await delay(PAUSE_MS);
      await longestBlock(gateway);
      const response = await fetch(`http://127.0.0.1:${gateway.process.port}${path}`, {
        method: "POST",
        headers: { ...gateway.order.headers, "content-type": "application/json" },
        body: JSON.stringify({ ...body, ...(TASKS[task].streamed && { stream: false }) }),
      });
      const { code = "" } = codeSchema.parse(await response.json());
      measured.push({ path, name, status: response.status, code, block: await longestBlock(gateway) });
    }
  }
  return measured;
}

/** The longest delay since this was last called, in milliseconds. */
async function longestBlock(gateway: BenchServer): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${gateway.process.port}${PATHS.metrics}`)).text();
  const seconds = LONGEST_DELAY.exec(text)?.[1];
  if (seconds === undefined) throw new Error(`${PATHS.metrics} does not report the event loop's delay`);
  return Math.round(Number(seconds) * 1_000);
}

function report(measured: readonly Measured[]): void {
  const refused = measured.find(({ code }) => !ANSWERED.has(code));
  if (refused !== undefined) throw new Error(`${refused.path}: ${refused.name} was refused with ${refused.code}`);
  const rows = measured.map(({ path, name, status, block }) => [path, name, String(status), `${block} ms`]);
  console.log(renderTable(["route", "body", "status", "longest block"], rows));
  const longest = Math.max(...measured.map(({ block }) => block));
  console.log(JSON.stringify({ bench: "bodies", longest_block_ms: longest }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
