import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { describeWith, runTool } from "../../../testing/programs";
import { CHART } from "./helm";

const FILES = join(CHART, "files");
const scripts = readdirSync(FILES).filter((file) => file.endsWith(".sh"));

describeWith(["shellcheck"], "shellcheck", () => {
  it.each(scripts)("finds nothing in %s", (script) => {
    const options = ["--external-sources", `--source-path=${join(CHART, "../..")}`];
    expect(runTool("shellcheck", [...options, join(FILES, script)])).toEqual({ status: 0, output: "" });
  });
});

describeWith(["nginx"], "nginx", () => {
  const check = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    try {
      writeFileSync(join(folder, "nginx.conf"), text);
      // It logs to /dev/stdout, which can be opened where it is a pipe, as in a container, and not where Node made it.
      const piped = 'set -o pipefail; nginx -t -c "$1" -g "error_log stderr;" 2>&1 | cat';
      return runTool("bash", ["-c", piped, "bash", join(folder, "nginx.conf")]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const conf = readFileSync(join(FILES, "nginx.conf"), "utf8");

  it("accepts the web front's configuration", () => {
    expect(check(conf)).toMatchObject({ status: 0 });
  });

  it("rejects a planted mistake", () => {
    expect(check(conf.replace("server_tokens", "server_token")).status).not.toBe(0);
  });
});

describe("drain.sh", () => {
  let server: Server | undefined;
  let running: ChildProcess | undefined;
  afterEach(() => {
    running?.kill();
    server?.close();
    server = undefined;
  });

  /** An engine whose metrics report these numbers of requests, one after another; the last stays. */
  async function engine(counts: readonly number[]): Promise<{ readonly port: number; asked: () => number }> {
    let asked = 0;
    server = createServer((_, response) => {
      const count = counts[Math.min(asked, counts.length - 1)] ?? 0;
      asked += 1;
      response.end(
        [
          "# HELP vllm:num_requests_running Number of requests in model execution batches.",
          "# TYPE vllm:num_requests_running gauge",
          `vllm:num_requests_running{engine="0",model_name="m"} ${count}.0`,
          'vllm:num_requests_waiting{engine="0",model_name="m"} 0.0',
          'vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 7.0',
          "",
        ].join("\n"),
      );
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return { port: isAddress(address) ? address.port : 0, asked: () => asked };
  }

  function isAddress(address: string | AddressInfo | null | undefined): address is AddressInfo {
    return typeof address === "object" && address !== null;
  }

  /** Seconds that the script takes, and how it ends. */
  async function drain(port: number, noticeSeconds: number, mostSeconds: number) {
    const started = performance.now();
    const child = spawn("bash", [join(FILES, "drain.sh"), String(port), String(noticeSeconds), String(mostSeconds)]);
    running = child;
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { status, seconds: (performance.now() - started) / 1000 };
  }

  it("waits until nothing is in flight", async () => {
    const { port, asked } = await engine([2, 1, 0]);
    const { status, seconds } = await drain(port, 0, 30);
    expect(status).toBe(0);
    expect(asked()).toBe(3);
    expect(seconds).toBeLessThan(10);
  });

  it("waits for callers to notice before it reads the metrics", async () => {
    const { port, asked } = await engine([0]);
    const { seconds } = await drain(port, 1, 30);
    expect(seconds).toBeGreaterThan(0.9);
    expect(asked()).toBe(1);
  });

  it("ends at its limit", async () => {
    const { port } = await engine([1]);
    const { status, seconds } = await drain(port, 0, 2);
    expect(status).toBe(0);
    expect(seconds).toBeLessThan(5);
  });

  it("does not wait for an engine that has ended", async () => {
    const { port } = await engine([1]);
    await new Promise((resolve) => server?.close(resolve));
    const { status, seconds } = await drain(port, 0, 30);
    expect(status).toBe(0);
    expect(seconds).toBeLessThan(5);
  });
});

describe("models-from-image.sh", () => {
  const script = readFileSync(join(FILES, "models-from-image.sh"), "utf8");
  let folder = "";
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it over an image whose /models is a folder of the test. */
  function copy(weights: string, sum = createHash("sha256").update("weights").digest("hex")) {
    folder = mkdtempSync(join(tmpdir(), "image-"));
    mkdirSync(join(folder, "models", "tiny"), { recursive: true });
    mkdirSync(join(folder, "weights"));
    writeFileSync(join(folder, "models", "tiny", "model.safetensors"), weights);
    if (sum !== "") writeFileSync(join(folder, "models", "tiny", "SHA256SUMS"), `${sum}  model.safetensors\n`);
    const { status, stderr } = spawnSync(
      "bash",
      ["-c", script.replaceAll("/models/$MODEL", `${folder}/models/$MODEL`)],
      {
        encoding: "utf8",
        env: { PATH: process.env.PATH, MODEL: "tiny", MODELS_DIR: join(folder, "weights") },
      },
    );
    return { status, stderr };
  }

  it("copies weights that match their sums", () => {
    expect(copy("weights")).toMatchObject({ status: 0 });
    expect(existsSync(join(folder, "weights", "tiny", "model.safetensors"))).toBe(true);
  });

  it("fails where weights do not match their sums", () => {
    expect(copy("tampered").status).not.toBe(0);
  });

  it("names what is missing", () => {
    expect(copy("weights", "").stderr).toContain("use the app-with-weights image");
  });
});
