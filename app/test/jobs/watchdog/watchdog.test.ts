import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { freePort } from "../../../../testing/free-port";
import { describeWith } from "../../../../testing/programs";
import { readConfig } from "../../../src/config/config";
import { METRICS } from "../../../src/contract/metrics";
import { watchdogCommand } from "../../../src/jobs/watchdog/watchdog-command";
import { startCompute } from "../../support/compute";
import { startMetadata } from "../../support/metadata";
import { type PastSeries, startPrometheus } from "../../support/prometheus";

/** Seconds between scrapes. */
const SCRAPE = 15;
const MINUTES = 15;

/** What a machine did lately, by its name in Prometheus. */
interface Past {
  /** GPU use in percent, so many seconds ago. */
  readonly gpu?: (secondsAgo: number) => number;
  readonly inFlight?: (secondsAgo: number) => number;
  /** Requests to `/news` since the beginning. */
  readonly requests?: (secondsAgo: number) => number;
  /** For how long Prometheus has readings of its GPU. @default all the time */
  readonly gpuKnownSeconds?: number;
}

const HISTORY: Readonly<Record<string, Past>> = {
  "llm-vm-1": {},
  "llm-vm-2": {},
  // A batch ended four minutes ago.
  "llm-vm-hot": { gpu: (ago) => (ago > 240 ? 97 : 0) },
  // Its requests are short: no scrape saw one under way.
  "llm-vm-quick": { requests: (ago) => (ago < 100 ? 7 : 6) },
  "llm-vm-busy": { inFlight: (ago) => (ago < 40 ? 2 : 0), gpu: () => 3 },
  // Its exporter has come up just now.
  "llm-vm-blind": { gpuKnownSeconds: 120 },
};

function history(now: number): PastSeries[] {
  const times = Array.from({ length: (MINUTES * 60) / SCRAPE }, (_, index) => index * SCRAPE);
  const series = (
    name: string,
    type: PastSeries["type"],
    value: (secondsAgo: number) => number,
    seconds = MINUTES * 60,
  ) => ({
    series: name,
    type,
    samples: times
      .filter((ago) => ago < seconds)
      .map((ago) => [now - ago, value(ago)] as const)
      .reverse(),
  });
  return Object.entries(HISTORY).flatMap(([instance, past]) => {
    const of = (metric: string, more = "") => `${metric}{instance="${instance}"${more}}`;
    const nothing = () => 0;
    return [
      // Probes and scrapes are no requests.
      series(of(METRICS.requests, ',route="/healthz"'), "counter", (ago) => 10_000 - ago),
      series(of(METRICS.requests, ',route="/news"'), "counter", past.requests ?? nothing),
      series(of(METRICS.inFlight), "gauge", past.inFlight ?? nothing),
      series(of(METRICS.pendingRequests), "gauge", nothing),
      series(of(METRICS.recentTokensPerSecond), "gauge", nothing),
      series(of(METRICS.recentTtftP95), "gauge", nothing),
      ...["0", "1"].map((gpu) =>
        series(
          of("DCGM_FI_DEV_GPU_UTIL", `,gpu="${gpu}"`),
          "gauge",
          gpu === "1" ? (past.gpu ?? nothing) : nothing,
          past.gpuKnownSeconds,
        ),
      ),
    ];
  });
}

describeWith(["prometheus", "promtool"], "the watchdog, before a real Prometheus", () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let metadata: Awaited<ReturnType<typeof startMetadata>>;
  let compute: Awaited<ReturnType<typeof startCompute>>;
  let port = 0;
  /** The gateways' figures at this moment, by address. */
  const inFlight = new Map<string, number>();
  const servers: Server[] = [];
  beforeAll(async () => {
    [prometheus, metadata, port] = await Promise.all([
      startPrometheus(history(Math.floor(Date.now() / 1000))),
      startMetadata(),
      freePort(),
    ]);
    for (const address of ["127.0.0.21", "127.0.0.22"]) {
      const server = createServer((_request, response) => {
        const figures = [METRICS.pendingRequests, METRICS.recentTokensPerSecond, METRICS.recentTtftP95];
        const lines = [`${METRICS.inFlight} ${inFlight.get(address) ?? 0}`, ...figures.map((name) => `${name} 0`)];
        response.end(`${lines.join("\n")}\n`);
      }).listen(port, address);
      servers.push(server);
      await once(server, "listening");
    }
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await Promise.all([prometheus.close(), metadata.close()]);
  });
  beforeEach(async () => {
    compute = await startCompute();
    inFlight.clear();
  });
  afterEach(() => compute.close());

  function vm(name: string, address: string, { upMinutes = 60, status = "RUNNING", environment = "demo" } = {}): void {
    const startedAt = new Date(Date.now() - upMinutes * 60_000);
    compute.vms.push({
      name,
      address,
      zone: "asia-northeast3-b",
      status,
      startedAt,
      labels: { role: "llm", environment },
    });
  }

  async function run(...args: readonly string[]) {
    const lines: string[] = [];
    const common = ["--prometheus", prometheus.url, "--project", "terrace-demo", "--compute-url", compute.url];
    const code = await watchdogCommand(
      [...common, "--container-url", compute.url, ...args],
      () => readConfig({ METADATA_URL: metadata.url }),
      (line) => void lines.push(line),
    );
    return { code, lines };
  }

  const VMS = ["--label", "role=llm", "--label", "environment=demo", "--gateway-port"];

  it("stops idle machines alone", async () => {
    vm("llm-vm-1", "127.0.0.21");
    vm("llm-vm-hot", "127.0.0.22");
    vm("llm-vm-quick", "127.0.0.22");
    vm("llm-vm-busy", "127.0.0.22");
    vm("llm-vm-blind", "127.0.0.22");
    vm("llm-vm-unheard-of", "127.0.0.22");
    vm("llm-vm-off", "127.0.0.22", { status: "TERMINATED" });
    vm("llm-vm-others", "127.0.0.22", { environment: "production" });
    const { code, lines } = await run(...VMS, String(port));
    expect(lines).toEqual([
      "llm-vm-1: idle for 5 checks of 60 s; stopping, operation-1",
      expect.stringMatching(/^llm-vm-hot: in use: GPU at 97 %, (180|240) s ago$/),
      expect.stringMatching(/^llm-vm-quick: in use: requests, \d+ s ago$/),
      "llm-vm-busy: in use: 2 requests under way",
      expect.stringMatching(/^llm-vm-blind: in use: no figures of its GPU, (120|180) s ago$/),
      "llm-vm-unheard-of: in use: no figures of its gateway",
    ]);
    expect(code).toBe(0);
    expect(compute.stopped).toEqual(["llm-vm-1"]);
    // What is stopped already is not looked at again.
    compute.vms.splice(1);
    expect((await run(...VMS, String(port))).lines).toEqual(["nothing runs that could be stopped"]);
  });

  it("reads the machine's own metrics right before: one at work again stays", async () => {
    vm("llm-vm-1", "127.0.0.21");
    inFlight.set("127.0.0.21", 1);
    const { lines } = await run(...VMS, String(port));
    expect(lines[0]).toMatch(
      /^llm-vm-1: idle for 5 checks of 60 s, and in use again: .* has gateway_in_flight_requests 1$/,
    );
    expect(compute.stopped).toEqual([]);
  });

  it("leaves a machine alone that does not answer", async () => {
    vm("llm-vm-1", "127.0.0.23");
    const { lines } = await run(...VMS, String(port));
    expect(lines[0]).toMatch(/and in use again: http:\/\/127\.0\.0\.23:\d+ cannot be asked: /);
    expect(compute.stopped).toEqual([]);
  });

  it("leaves a machine alone that has just started", async () => {
    vm("llm-vm-1", "127.0.0.21", { upMinutes: 5 });
    expect((await run(...VMS, String(port))).lines[0]).toMatch(/^llm-vm-1: in use: up for 30\d s, of 600 s$/);
  });

  it("keeps the floor", async () => {
    vm("llm-vm-1", "127.0.0.21");
    vm("llm-vm-2", "127.0.0.22");
    const { lines } = await run(...VMS, String(port), "--floor", "1");
    expect(lines[1]).toBe("llm-vm-2: idle for 5 checks of 60 s; stays, because 1 must");
    expect(compute.stopped).toEqual(["llm-vm-1"]);
  });

  it("prints what it would do in a dry run, and does nothing", async () => {
    vm("llm-vm-1", "127.0.0.21");
    expect((await run(...VMS, String(port), "--dry-run")).lines).toEqual([
      "llm-vm-1: idle for 5 checks of 60 s; would stop (POST /compute/v1/projects/terrace-demo/zones/asia-northeast3-b/instances/llm-vm-1/stop)",
    ]);
    expect(compute.stopped).toEqual([]);
  });

  it("sets a node pool to its floor, once its metrics rest for as long as it must have been up", async () => {
    const pool = ["--node-pool", "asia-northeast3/main/l4"];
    const idle = ["--match", 'instance=~"llm-vm-[12]"'];
    expect((await run(...pool)).lines[0]).toMatch(/^l4: in use: /);
    expect((await run(...pool, "--match", 'instance="llm-vm-blind"')).lines[0]).toMatch(
      /^l4: in use: up for (120|180) s, of 600 s$/,
    );
    expect(compute.pool.nodesPerZone).toBe(2);
    expect(await run(...pool, ...idle, "--gateways", `http://127.0.0.21:${port}`)).toEqual({
      code: 0,
      lines: ["l4: idle for 5 checks of 60 s; set to 0 nodes a zone, operation-pool"],
    });
    expect(compute.pool.nodesPerZone).toBe(0);
    compute.pool.status = "RECONCILING";
    expect((await run(...pool, ...idle)).lines).toEqual(["nothing runs that could be stopped"]);
  });

  it("stops nothing where Prometheus or the API does not answer, and exits with a code of its own", async () => {
    vm("llm-vm-1", "127.0.0.21");
    const away = await run(...VMS, String(port), "--prometheus", "http://127.0.0.1:1");
    expect(away).toMatchObject({ code: 1, lines: [expect.stringMatching(/^llm-vm-1: left alone: /)] });
    compute.fail();
    expect(await run(...VMS, String(port))).toMatchObject({
      code: 1,
      lines: [
        expect.stringMatching(/^failed, nothing was stopped: .*403 Required 'compute.instances.list' permission$/),
      ],
    });
    expect(compute.stopped).toEqual([]);
  });

  it.each<[readonly string[], string]>([
    [[], "either --label or --node-pool says what may be stopped"],
    [["--label", "role"], "--label is NAME=VALUE, not role"],
    [["--label", "a=b", "--node-pool", "a/b/c"], "either --label or --node-pool"],
    [["--node-pool", "l4"], "--node-pool is LOCATION/CLUSTER/POOL, not l4"],
    [["--label", "a=b", "--gpu-percent", "101"], "--gpu-percent is a whole number from 0 to 100, not 101"],
    [["--label", "a=b", "--checks", "0"], "--checks is a whole number from 1 to 86400, not 0"],
    [["--label", "a=b", "--compute-url", "http://compute.example"], "http://compute.example is not https://"],
    [["--all"], "Unknown option '--all'"],
  ])("refuses %j with a line and the usage", async (args, why) => {
    const { code, lines } = await run(...args);
    expect(code).toBe(2);
    expect(lines[0]).toContain(why);
    expect(lines[1]).toMatch(/^Usage: terrace-app watchdog /);
  });
});
