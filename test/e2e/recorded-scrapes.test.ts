import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { GATEWAY_METRICS } from "../../observability/metrics/gateway-metrics";
import { observationRateBelow } from "../../observability/promql/functions";
import { FIRST_TOKEN, TTFT_TARGET_SECONDS } from "../../observability/slo/objective";
import demo from "../../settings/environments/demo";
import { freePort } from "../../testing/free-port";
import { installed } from "../../testing/installed";
import { describeWith, runTool } from "../../testing/programs";
import { type Background, startInBackground } from "../../tools/start/monitor/background";
import { localPrometheusConfig } from "../../tools/start/monitor/prometheus-config";

const ROOT = join(__dirname, "../..");
const RECORDED = readFileSync(join(ROOT, "test/fixtures/metrics/recorded/gateway.prom"), "utf8");
const answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** What was recorded, with everything growing from scrape to scrape. Types stay: Prometheus 3 rewrites `le` of histograms. */
function recordedPages(): Server {
  let scrape = 0;
  return createServer((_request, response) => {
    scrape += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(RECORDED.replace(/^([a-z].*) (\S+)$/gm, (_, series, value) => `${series} ${Number(value) * scrape}`));
  });
}

/** The first Prometheus of each major version on the PATH: CI's own 3 and Debian's 2. */
function versionsOnPath(): readonly (readonly [major: number, program: string])[] {
  const programs = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder || ".", "prometheus"));
  const found = new Map<number, string>();
  for (const program of programs.filter(installed)) {
    const major = Number(/version (\d+)\./.exec(runTool(program, ["--version"]).output)?.[1]);
    if (!Number.isNaN(major) && !found.has(major)) found.set(major, program);
  }
  return [...found];
}

describe(".ci/prometheus", () => {
  it("is the version that is deployed", () => {
    const [, major = "", minor = "", patch = ""] =
      /prometheus\/prometheus v0\.(\d)(\d\d)\.(\d+)\n/.exec(
        readFileSync(join(ROOT, ".ci/prometheus/go.mod"), "utf8"),
      ) ?? [];
    expect(demo.images.prometheus.tag).toBe(`v${major}.${Number(minor)}.${patch}`);
  });
});

describeWith(["prometheus"], "recorded scrapes", () => {
  it("are played through the deployed major version where tools are required", () => {
    if (process.env.TERRACE_REQUIRE_TOOLS !== "1") return;
    expect(versionsOnPath().map(([major]) => major)).toContain(3);
  });

  describe.each(versionsOnPath())("in Prometheus %d", (major, program) => {
    const folder = mkdtempSync(join(tmpdir(), "terrace-scrapes-"));
    const pages = recordedPages();
    let prometheus: Background;
    let url = "";

    beforeAll(async () => {
      const port = await freePort();
      await once(pages.listen(port, "127.0.0.1"), "listening");
      const config = localPrometheusConfig({
        targets: [{ job: "gateway", instance: "llm-vm-1", address: `127.0.0.1:${port}` }],
        alertmanager: "127.0.0.1:9",
        rulesFolder: folder,
        interval: "200ms",
      });
      writeFileSync(join(folder, "prometheus.yml"), config);
      const address = `127.0.0.1:${await freePort()}`;
      url = `http://${address}`;
      prometheus = await startInBackground({
        name: "Prometheus",
        command: program,
        args: [
          `--config.file=${join(folder, "prometheus.yml")}`,
          `--storage.tsdb.path=${join(folder, "data")}`,
          `--web.listen-address=${address}`,
        ],
        logFile: join(folder, "prometheus.log"),
        readyUrl: `${url}/-/ready`,
      });
      await values(FIRST_TOKEN.total("5m").promql, true);
    }, 30_000);
    afterAll(async () => {
      await prometheus?.stop();
      pages.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** @param wait until there is one, for ten seconds at most */
    async function values(promql: string, wait = false): Promise<readonly number[]> {
      for (let attempt = 0; ; attempt += 1) {
        const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
        const found = answer.parse(await response.json()).data.result.map(({ value: [, text] }) => Number(text));
        if (found.length > 0 || !wait || attempt === 100) return found;
        await delay(100);
      }
    }

    it("give the first token's objective a share of bad events", async () => {
      expect(await values(FIRST_TOKEN.bad("5m").promql, true)).toEqual([expect.any(Number)]);
    });

    it("have each bucket that rules read exactly once", async () => {
      const { ttft, requestDuration } = GATEWAY_METRICS;
      for (const histogram of [ttft, requestDuration]) {
        const all = await values(`count(rate(${histogram.name}_count[5m]))`, true);
        for (const bound of histogram.bounds) {
          const below = observationRateBelow(bound, histogram, "5m").promql;
          expect({ bound, found: await values(`count(${below})`) }).toEqual({ bound, found: all });
        }
      }
    });

    it(`${major < 3 ? "have" : "have no"} bucket with a planted plain bound`, async () => {
      const planted = `rate(${GATEWAY_METRICS.ttft.name}_bucket{le="${TTFT_TARGET_SECONDS}"}[5m])`;
      expect((await values(planted)).length > 0).toBe(major < 3);
    });
  });
});
