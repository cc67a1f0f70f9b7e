import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ENV, PATHS } from "../../app/src/contract";
import { freePort } from "../free-port";
import { startInBackground } from "../start/monitor/background";
import { engineEntry, engineVariables, type SimulatedEngine } from "../start/monitor/simulated-engines";

/** Requests at once on one L4. Source: second document. */
const CONCURRENCY = 30;
const HOST = "127.0.0.1";
const LAUNCHER = "bin/terrace-app.cjs";

export interface GatewayProcess {
  /** Host and port. */
  readonly address: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Where the embedded stores of a rehearsal lie. */
function storesIn(folder: string): Readonly<Record<string, string | undefined>> {
  return { ...process.env, [ENV.dataDir]: join(folder, "data"), [ENV.backupDestination]: join(folder, "backups") };
}

/** Makes a backup of the embedded stores, before the gateway holds them: its age is on a dashboard. */
export async function backUp(app: string, folder: string): Promise<void> {
  const backup = spawn(process.execPath, [join(app, LAUNCHER), "backup", "create"], {
    ...{ cwd: folder, env: storesIn(folder), stdio: "inherit" },
  });
  const [code]: unknown[] = await once(backup, "exit");
  if (code !== 0) throw new Error(`the backup ended with ${String(code)}`);
}

interface GatewayOptions {
  readonly app: string;
  readonly folder: string;
  readonly engines: readonly SimulatedEngine[];
  readonly model: string;
}

export async function startGateway({ app, folder, engines, model }: GatewayOptions): Promise<GatewayProcess> {
  const port = await freePort();
  const entry = engineEntry(engines, model, CONCURRENCY);
  const url = `http://${HOST}:${port}`;
  const { stop } = await startInBackground({
    ...{ name: "gateway", command: process.execPath, args: [join(app, LAUNCHER)], cwd: folder },
    env: {
      ...storesIn(folder),
      ...engineVariables({ til: entry, news: entry, interview: entry }),
      [ENV.port]: String(port),
    },
    logFile: join(folder, "gateway.log"),
    readyUrl: `${url}${PATHS.ready}`,
  });
  return { address: `${HOST}:${port}`, url, stop };
}
