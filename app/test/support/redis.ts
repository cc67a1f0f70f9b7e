import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../testing/free-port";

/** A real redis-server (or valkey-server) of a test file's own, on a free port of the loopback interface, kept in memory. */
export async function startRedis(program = "redis-server") {
  // redis-server has no option for any free port.
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "terrace-test-redis-"));
  let server: ChildProcess;

  /** Starts it anew, on the same port and empty. @param flags further settings, e.g. `--user`, `default on >secret ~* +@all` */
  async function start(flags: readonly string[] = []) {
    const own = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
    const child = spawn(program, [...own, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
    server = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes("Ready to accept connections")) resolve();
      });
      child.once("exit", () => reject(new Error(`${program} did not start: ${said}`)));
      child.once("error", reject);
    });
  }

  async function end(signal: NodeJS.Signals) {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    /** Ends it as a crash does; everything in it is lost. */
    kill: () => end("SIGKILL"),
    /** It keeps its connections and answers nothing, until it is resumed. */
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    async close() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type TestRedis = Awaited<ReturnType<typeof startRedis>>;
