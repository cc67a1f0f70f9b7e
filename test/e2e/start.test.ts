import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { PATHS } from "../../app/src/contract/endpoints";
import { freePort } from "../../testing/free-port";

const ROOT = join(__dirname, "..", "..");

describe("npm start", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "terrace-start-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("shows every environment, serves, and ends at Ctrl-C", async () => {
    const port = await freePort();
    const started = spawn("npm", ["start"], {
      cwd: ROOT,
      env: { ...process.env, PORT: String(port), DATA_DIR: join(folder, "data"), SIMULATOR_SPEED: "0" },
      // A process group of its own, which gets the signal as from a terminal.
      detached: true,
    });
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    // npm itself leaves at the signal; its streams close with the last process that writes to them.
    const closed = new Promise((resolve) => started.on("close", resolve));
    try {
      while (!output.includes(`listening on http://localhost:${port}`)) {
        if (started.exitCode !== null) throw new Error(`npm start ended with ${started.exitCode}\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(output).toContain("production in all");
      while ((await fetch(`http://127.0.0.1:${port}${PATHS.healthz}`)).status !== 200) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      if (started.pid !== undefined) process.kill(-started.pid, "SIGINT");
    }
    await closed;
    expect(output).toContain('"msg":"drained"');
  }, 240_000);
});
