/** `npm start -- --monitor` from the moment at which the environments are shown, with a bundle instead of `app/dist`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeWith, runTool } from "../../testing/programs";
import { buildBundle, ROOT } from "./bundle";

describeWith(["prometheus", "prometheus-alertmanager", "curl"], "npm start -- --monitor", () => {
  let folder = "";
  let child: ChildProcess;
  let output = "";

  beforeAll(() => {
    folder = buildBundle();
    const program = `
      const { findPrograms } = require("./tools/start/monitor/monitor-programs");
      const { runMonitored } = require("./tools/start/monitored");
      runMonitored(process.argv[1], findPrograms()).then((code) => process.exit(code));`;
    // Its process group plays a terminal's, of which Ctrl-C reaches every process.
    child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program, folder], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, PORT: "0", SIMULATOR_SPEED: "0", DATA_DIR: join(folder, "data") },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
  });
  afterAll(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + 50_000; Date.now() < deadline; ) {
      const found = pattern.exec(output);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`never printed ${pattern}:\n${output}`);
  }

  const log = (name: string) => readFileSync(join(folder, ".terrace/monitor", `${name}.log`), "utf8");

  it("prints every target once each was scraped, under the product's rules", async () => {
    await printed(/\d+ alerts and \d+ recorded series are evaluated/);
    for (const target of ["alertmanager localhost", "gateway localhost", "vllm engine-1", "vllm engine-2"]) {
      expect(output).toMatch(new RegExp(`^${target} +127\\.0\\.0\\.1:\\d+ +up`, "m"));
    }
  });

  it("prints a command that makes an engine fail", async () => {
    const [command, url] = await printed(/curl .* (http:\/\/127\.0\.0\.1:\d+)\/simulator\/faults/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(runTool("sh", ["-c", command])).toMatchObject({ status: 0 });
    expect((await fetch(`${url}/health`)).status).toBe(503);
  });

  it("drains the gateway at Ctrl-C while its engines answer, and leaves no process", async () => {
    const urls = [...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
    expect(urls.length).toBeGreaterThanOrEqual(4);
    const ended = once(child, "exit");
    process.kill(-(child.pid ?? Number.NaN), "SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(output).toMatch(/"msg":"drained"/);
    // The program that started them ended them, not the terminal.
    // Prometheus 2's words, and Prometheus 3's.
    expect(log("prometheus")).toMatch(/Received SIGTERM|signal=terminated/);
    expect(log("alertmanager")).toMatch(/Received SIGTERM/);
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  });
});
