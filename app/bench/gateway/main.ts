/**
 * `npm run bench:gateway`: what a streamed chat costs on its way through the gateway, beside a proxy on Node that does
 * nothing else, and the same route in FastAPI. All are in front of one simulator without delays; every answer is checked.
 *
 * `-- --rounds 9 --seconds 2` sets how often and how long each is measured, `--no-fastapi` leaves that out.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type BenchServer, bundle, spawnBareProxy, spawnEngine, spawnFastApi, spawnGateway } from "./bench-servers";
import { Generator } from "./generator";
import { type Latency, latency, type Throughput, throughput } from "./measure";
import { type Measurements, report } from "./report";

/** As many as one L4 answers at once. Source: R-2. */
const CONNECTIONS = 30;
/** Of the measurement with one request at a time, as a share of the other's. */
const LATENCY_SHARE = 0.5;
/** Seconds before the first round: V8 needs some 10,000 requests until it has compiled what is hot. */
const WARM_UP_SECONDS = 8;

type Key = keyof Measurements;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "9" },
      seconds: { type: "string", default: "2" },
      "no-fastapi": { type: "boolean", default: false },
    },
  });
  const rounds = positive("--rounds", values.rounds);
  const seconds = positive("--seconds", values.seconds);
  console.error("bundling");
  const { load } = await bundle();
  const generator = new Generator(load);
  const subjects = new Map<Key, BenchServer>();
  try {
    await startAll(subjects, !values["no-fastapi"]);
    console.log(report(await measureAll(generator, subjects, rounds, seconds)));
  } finally {
    generator.close();
    // The engine last: the servers in front of it finish first.
    for (const subject of [...subjects.values()].reverse()) await subject.process.stop();
  }
}

async function startAll(subjects: Map<Key, BenchServer>, python: boolean): Promise<void> {
  console.error("starting");
  const engine = await spawnEngine();
  subjects.set("direct", engine);
  subjects.set("bare", await spawnBareProxy(engine));
  subjects.set("gateway", await spawnGateway(engine, "warn"));
  subjects.set("logging", await spawnGateway(engine, "info"));
  if (!python) return;
  try {
    subjects.set("fastapi", await spawnFastApi(engine));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    console.log(`FastAPI is left out: ${reason.split("\n")[0]}`);
  }
}

async function measureAll(
  generator: Generator,
  subjects: ReadonlyMap<Key, BenchServer>,
  rounds: number,
  seconds: number,
): Promise<Measurements> {
  const direct = subjects.get("direct");
  if (direct === undefined) throw new Error("the simulator was not started");
  const { said: expected } = await generator.run({
    ...direct.order,
    port: direct.process.port,
    connections: 1,
    seconds: 0.1,
  });
  console.error(`every answer has ${expected.events} events and ${expected.completionTokens} tokens`);
  const runs = new Map<Key, { throughput: Throughput[]; latency: Latency[] }>();
  for (const [key, subject] of subjects) {
    runs.set(key, { throughput: [], latency: [] });
    await throughput(generator, subject, { connections: CONNECTIONS, seconds: WARM_UP_SECONDS, expected });
  }
  const order = [...subjects];
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}, load average ${loadavg()[0]?.toFixed(1)}`);
    for (const [key, subject] of order) {
      const run = runs.get(key);
      run?.throughput.push(await throughput(generator, subject, { connections: CONNECTIONS, seconds, expected }));
      run?.latency.push(
        await latency(generator, subject, { connections: 1, seconds: seconds * LATENCY_SHARE, expected }),
      );
    }
    // The order changes, because the machine's clock and its neighbours do.
    order.reverse();
  }
  const of = (key: Key) => runs.get(key) ?? { throughput: [], latency: [] };
  return {
    direct: of("direct"),
    bare: of("bare"),
    gateway: of("gateway"),
    logging: of("logging"),
    fastapi: runs.get("fastapi"),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 1_000) throw new Error(`${name} takes a number from 1 to 1000, not ${text}`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
