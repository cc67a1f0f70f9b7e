/** A gateway as it is shipped, with a simulated engine, on loopback ports. */
import { hash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PATHS } from "../../../app/src/contract/endpoints";
import { serviceTokenItem } from "../../../app/src/contract/service-token";
import { REQUIRED_TASKS, tableOf } from "../../../app/src/contract/tasks";
import { ENV } from "../../../app/src/contract/variables";
import { freePort } from "../../../testing/free-port";
import { startInBackground } from "../../../tools/start/monitor/background";
import { engineEntry, engineVariables, startSimulatedEngine } from "../../../tools/start/monitor/simulated-engines";
import { buildBundle } from "../bundle";

/** Tokens that the gateway accepts, by role. */
export const FUZZ_TOKENS = { service: "fuzz-service", admin: "fuzz-admin" } as const;

const MODEL = "gemma3-12b-it-gptq";
const CONCURRENCY = 30;

export interface FuzzedGateway {
  readonly url: string;
  readonly pid: number;
  /** For what must be gone afterwards. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

export async function startFuzzedGateway(): Promise<FuzzedGateway> {
  const folder = buildBundle();
  const cleanup: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of cleanup.splice(0).reverse()) await one();
  };
  try {
    // For the embedded PostgreSQL, which as root runs under an account of its own.
    chmodSync(folder, 0o711);
    const launcher = join(folder, "app/bin/terrace-simulator.cjs");
    const engine = await startSimulatedEngine({ instance: "engine", model: MODEL, launcher, folder, speed: "0" });
    cleanup.push(engine.process.stop);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const tokens = (["service", "admin"] as const).map((role) =>
      serviceTokenItem({ name: role, role, users: ["*"], sha256: hash("sha256", FUZZ_TOKENS[role], "hex") }),
    );
    const gateway = await startInBackground({
      name: "gateway",
      command: process.execPath,
      args: [join(folder, "app/bin/terrace-app.cjs")],
      env: {
        PATH: process.env.PATH,
        ...engineVariables(tableOf(REQUIRED_TASKS, () => engineEntry([engine], MODEL, CONCURRENCY))),
        [ENV.port]: String(port),
        [ENV.dataDir]: join(folder, "data"),
        [ENV.serviceTokens]: tokens.join(","),
        [ENV.logLevel]: "warn",
        // The client waits for each answer: only a busy machine could make this gateway refuse one.
        [ENV.shedEventLoopMs]: "0",
      },
      cwd: folder,
      logFile: join(folder, "gateway.log"),
      readyUrl: `${url}${PATHS.healthz}`,
    });
    cleanup.push(gateway.stop);
    return { url, pid: gateway.pid, folder, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
