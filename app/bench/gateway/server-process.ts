import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "./cpu-seconds";

export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment, `PATH` excepted. */
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  /** Path that answers 200 when the server is ready. @default ready as soon as it listens */
  readonly readyPath?: string;
}

/** Milliseconds for a server to be ready: a cold start on a busy machine takes ten seconds. */
const START_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** A server under test. */
export interface ServerProcess {
  readonly port: number;
  /** Since its start, of all its threads. */
  cpuSeconds(): number;
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a server and waits for it. @throws Error with its output where it ends, or is not ready in time */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, cwd, env = {}, port, readyPath } = options;
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listen = (text: string) => {
    output += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", listen);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once("error", listen).once("close", () => {
      over = true;
      resolve();
    });
  });
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await isReady(port, readyPath))) {
    if (!over && performance.now() < until) await delay(LOOK_EVERY_MS);
    else {
      child.kill("SIGKILL");
      throw new Error(`${command} ${args[0]} ${over ? "ended" : "is not ready"}: ${output.trim()}`);
    }
  }
  // Later output is read and dropped, as by a log collector.
  for (const stream of [child.stdout, child.stderr]) stream.removeListener("data", listen).resume();
  const { pid = 0 } = child;
  return {
    port,
    cpuSeconds: () => cpuSeconds(pid),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function isReady(port: number, path: string | undefined): Promise<boolean> {
  if (path === undefined) return listens(port);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return answer?.status === 200;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
