import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { redactTexts } from "../../../src/shared/redaction/redact-texts";
import { RedactionThread } from "../../../src/shared/redaction/redaction-thread";
import { loadSecretRules } from "../../support/native-esm";

describe("RedactionThread", () => {
  let folder: string;
  let workerFile: string;
  beforeAll(async () => {
    await loadSecretRules();
    folder = await mkdtemp(join(tmpdir(), "terrace-redaction-"));
    workerFile = join(folder, "redaction-worker.js");
    await build({
      entryPoints: [join(__dirname, "../../../src/shared/redaction/redaction-worker.ts")],
      outfile: workerFile,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "cjs",
      logLevel: "error",
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("hides what redactTexts hides, also of texts that are searched at once", async () => {
    const thread = new RedactionThread(workerFile);
    const groups = [["DB_PASSWORD='hunter2x'", "900101-1234568"], [`token = "${"a1".repeat(20)}"`], ["nothing"]];
    const redacted = await Promise.all(groups.map((texts) => thread.redact(texts)));
    expect(redacted).toEqual(await Promise.all(groups.map((texts) => redactTexts(texts))));
    expect(redacted[0]?.counts).toEqual({ password: 1, rrn: 1 });
  });

  it("leaves the event loop free while a text of 1 MB full of passwords is searched", async () => {
    const thread = new RedactionThread(workerFile);
    await thread.redact(["ready"]);
    const texts = ["pwd='a' ".repeat(130_000)];
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const began = performance.now();
    const { counts } = await thread.redact(texts);
    const tookMs = performance.now() - began;
    delays.disable();
    expect(counts).toEqual({ password: 130_000 });
    // A share of the work, not a number of milliseconds: the machine may be busy.
    expect(delays.max / 1e6).toBeLessThan(tookMs / 2);
  });

  it("rejects with no text in the message where the thread dies, and starts another for the next texts", async () => {
    const dying = join(folder, "dying.js");
    await writeFile(dying, "require('node:worker_threads').parentPort.on('message', () => process.exit(3));");
    const thread = new RedactionThread(dying);
    await expect(thread.redact(["SECRET"])).rejects.toThrow("the redaction's thread ended with 3");
    await writeFile(
      dying,
      "const { parentPort } = require('node:worker_threads');" +
        "parentPort.on('message', ({ id, texts }) => parentPort.postMessage({ id, texts, counts: {} }));",
    );
    expect(await thread.redact(["again"])).toEqual({ texts: ["again"], counts: {} });
  });

  it("rejects where the search fails", async () => {
    const failing = join(folder, "failing.js");
    await writeFile(
      failing,
      "const { parentPort } = require('node:worker_threads');" +
        "parentPort.on('message', ({ id }) => parentPort.postMessage({ id, error: 'RangeError' }));",
    );
    await expect(new RedactionThread(failing).redact(["SECRET"])).rejects.toThrow("redaction failed: RangeError");
  });
});
