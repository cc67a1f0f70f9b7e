/**
 * `npm run bench:bodies`: how long one request can keep everybody else's waiting. Sends the worst legal bodies to each
 * route of a gateway of its own, each three times alone and then ten at once, and reads how long its event loop was held.
 *
 * `-- --body hunks` measures the bodies alone whose names hold that.
 */
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { median } from "../../../reporting/median";
import { renderTable } from "../../../reporting/table";
import { freePort } from "../../../testing/free-port";
import { PATHS } from "../../src/contract/endpoints";
import { TASK_NAMES, TASKS, type Task } from "../../src/contract/tasks";
import { type BenchServer, bundle, spawnEngine, spawnGateway } from "../gateway/bench-servers";
import { WORST_BODIES, type WorstBody } from "./worst-bodies";

const ROUNDS = 3;
const AT_ONCE = 10;
/** Milliseconds between bodies: load shedding looks at the last second. */
const PAUSE_MS = 2_500;
/** Milliseconds between two looks at `/healthz`. */
const PROBE_MS = 5;
/** Codes of a body that is legal: what it needs of the engine is no longer the gateway's work. */
const ANSWERED: ReadonlySet<string> = new Set(["", "PROMPT_TOO_LONG"]);

const codeSchema = z.object({ code: z.string().optional() });
const blockSchema = z.object({ cpu: z.number(), clock: z.number() });

/** Milliseconds. */
type Block = z.output<typeof blockSchema>;

interface Watched {
  readonly gateway: BenchServer;
  /** The longest block since this was last called. */
  readonly longestBlock: () => Promise<Block>;
}

interface Measured {
  readonly path: string;
  readonly name: string;
  readonly status: number;
  /** Medians of one body at a time. */
  readonly alone: Block;
  readonly together: Block;
  /** Milliseconds of the slowest answer of `/healthz` while ten bodies are worked through. */
  readonly healthz: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { body: { type: "string", default: "" } } });
  console.error("bundling");
  const { loopWatch } = await bundle();
  const engine = await spawnEngine();
  try {
    const port = await freePort();
    const gateway = await spawnGateway(engine, "warn", { script: loopWatch, env: { LOOP_WATCH_PORT: String(port) } });
    const longestBlock = async () => blockSchema.parse(await (await fetch(`http://127.0.0.1:${port}`)).json());
    try {
      report(await measureAll({ gateway, longestBlock }, values.body));
    } finally {
      await gateway.process.stop();
    }
  } finally {
    await engine.process.stop();
  }
}

async function measureAll(watched: Watched, wanted: string): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const task of TASK_NAMES) {
    for (const body of WORST_BODIES[task].filter(({ name }) => name.includes(wanted))) {
      console.error(`${TASKS[task].path}: ${body.name}, load average ${loadavg()[0]?.toFixed(1)}`);
      measured.push(await measure(watched, task, body));
    }
  }
  return measured;
}

async function measure({ gateway, longestBlock }: Watched, task: Task, { name, body }: WorstBody): Promise<Measured> {
  const { path } = TASKS[task];
  const text = JSON.stringify({ ...body, ...(TASKS[task].streamed && { stream: false }) });
  const blocks: Block[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await delay(PAUSE_MS);
    await longestBlock();
    const answer = await send(gateway, path, text);
    if (!ANSWERED.has(answer.code)) throw new Error(`${path}: ${name} was refused with ${answer.code}`);
    status = answer.status;
    blocks.push(await longestBlock());
  }
  await delay(PAUSE_MS);
  await longestBlock();
  const probe = probeHealth(gateway);
  await Promise.all(Array.from({ length: AT_ONCE }, () => send(gateway, path, text)));
  const healthz = await probe.stop();
  const together = await longestBlock();
  const alone = { cpu: median(blocks.map(({ cpu }) => cpu)), clock: median(blocks.map(({ clock }) => clock)) };
  return { path, name, status, alone, together, healthz };
}

async function send(gateway: BenchServer, path: string, body: string) {
  const response = await fetch(`http://127.0.0.1:${gateway.process.port}${path}`, {
    method: "POST",
    headers: { ...gateway.order.headers, "content-type": "application/json" },
    body,
  });
  const { code = "" } = codeSchema.parse(await response.json());
  return { status: response.status, code };
}

/** Asks for `/healthz` again and again, until stopped; then the slowest answer in milliseconds. */
function probeHealth(gateway: BenchServer): { readonly stop: () => Promise<number> } {
  let over = false;
  let slowest = 0;
  const probing = (async () => {
    while (!over) {
      const started = performance.now();
      await (await fetch(`http://127.0.0.1:${gateway.process.port}${PATHS.healthz}`)).text();
      slowest = Math.max(slowest, performance.now() - started);
      await delay(PROBE_MS);
    }
  })();
  return {
    stop: async () => {
      over = true;
      await probing;
      return slowest;
    },
  };
}

function report(measured: readonly Measured[]): void {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const rows = measured.map(({ path, name, status, alone, together, healthz }) => [
    ...[path, name, String(status), ms(alone.cpu), ms(alone.clock)],
    ...[ms(together.cpu), ms(together.clock), ms(healthz)],
  ]);
  const heads = [
    "route",
    "body",
    "status",
    "block, CPU",
    "by the clock",
    "ten at once, CPU",
    "by the clock",
    "/healthz",
  ];
  console.log(renderTable(heads, rows));
  const most = (of: (one: Measured) => number) => Math.round(Math.max(...measured.map(of)));
  const figures = {
    bench: "bodies",
    longest_block_ms: most(({ alone }) => alone.cpu),
    longest_block_of_ten_ms: most(({ together }) => together.cpu),
    longest_block_by_the_clock_ms: most(({ alone }) => alone.clock),
    longest_healthz_under_ten_ms: most(({ healthz }) => healthz),
  };
  console.log(JSON.stringify(figures));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
