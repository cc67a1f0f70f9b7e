import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../../testing/free-port";

/** A series as it was at some times: seconds since 1970, and values. */
export interface PastSeries {
  /** As in a query: `name{label="value"}`. */
  readonly series: string;
  readonly type: "gauge" | "counter";
  readonly samples: readonly (readonly [at: number, value: number])[];
}

/** A real Prometheus that scrapes nothing and keeps what is written to it. */
export async function startPrometheus(past: readonly PastSeries[]) {
  const folder = mkdtempSync(join(tmpdir(), "terrace-test-prometheus-"));
  writeFileSync(join(folder, "prometheus.yml"), "global: {}\n");
  const file = join(folder, "past.txt");
  writeFileSync(file, openMetrics(past));
  execFileSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, join(folder, "data")], {
    stdio: "pipe",
  });
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "close");
  const ready = new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    createInterface(child.stderr).on("line", (line) => {
      said.push(line);
      if (line.includes("Server is ready to receive web requests")) resolve();
    });
    void ended.then(() => reject(new Error(`Prometheus did not start:\n${said.slice(-5).join("\n")}`)));
  });
  await ready;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Families in one piece each, as the format requires. */
function openMetrics(past: readonly PastSeries[]): string {
  const families = new Map<string, { type: string; lines: string[] }>();
  for (const { series, type, samples } of past) {
    const name = /^[a-zA-Z_:]\w*/.exec(series)?.[0] ?? "";
    const family = type === "counter" ? name.replace(/_total$/, "") : name;
    const known = families.get(family) ?? { type, lines: [] };
    known.lines.push(...samples.map(([at, value]) => `${series} ${value} ${at}`));
    families.set(family, known);
  }
  const text = [...families].map(([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join("\n")}\n`);
  return `${text.join("")}# EOF\n`;
}
