import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { freePort } from "../../../../testing/free-port";
import { startInBackground } from "../../../../tools/start/monitor/background";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-background-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A server that writes down how it ended, unless it ends before it listens. */
async function server(script: string) {
  const port = await freePort();
  return {
    name: "a server",
    command: process.execPath,
    args: ["-e", `const port = ${port}, done = ${JSON.stringify(join(folder, "done"))}; ${script}`],
    logFile: join(folder, "log"),
    readyUrl: `http://127.0.0.1:${port}/`,
  };
}

const LISTEN = 'require("node:http").createServer((_, response) => response.end()).listen(port, "127.0.0.1");';
const END_WELL = 'process.on("SIGTERM", () => { require("node:fs").writeFileSync(done, ""); process.exit(0); });';

describe("startInBackground", () => {
  it("resolves once the program answers, gives it its own process group, and stops it by SIGTERM", async () => {
    const running = await startInBackground(await server(`${END_WELL} console.log(process.pid); ${LISTEN}`));
    const pid = Number(readFileSync(join(folder, "log"), "utf8"));
    const groupOf = (id: number) => readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ")[2];
    if (existsSync("/proc/self/stat")) expect(groupOf(pid)).not.toBe(groupOf(process.pid));
    await running.stop();
    expect(await running.ended).toBe(0);
    expect(existsSync(join(folder, "done"))).toBe(true);
    // Once more is once too often, and harmless.
    await running.stop();
  });

  it("throws the last lines of the log where the program ends before it answers", async () => {
    const broken = await server('console.error("bad flag"); process.exit(3);');
    await expect(startInBackground(broken)).rejects.toThrow(/a server ended \(3\); .*log says:\nbad flag$/);
  });

  it("throws where the program cannot be started", async () => {
    const absent = { ...(await server("")), command: "/nowhere/prometheus" };
    await expect(startInBackground(absent)).rejects.toThrow(/ended \(spawn \/nowhere\/prometheus ENOENT\)/);
  });
});

describe("freePort", () => {
  it("returns the preferred port, or another where it is taken", async () => {
    const preferred = await freePort();
    expect(await freePort(preferred)).toBe(preferred);
    const holder = await startInBackground({
      ...(await server("")),
      args: ["-e", `const port = ${preferred}; ${LISTEN}`],
      readyUrl: `http://127.0.0.1:${preferred}/`,
    });
    expect(await freePort(preferred)).not.toBe(preferred);
    await holder.stop();
  });
});
