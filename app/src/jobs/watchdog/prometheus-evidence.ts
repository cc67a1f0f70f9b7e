import { request } from "undici";
import { z } from "zod";
import type { IdleLimits, Reading, Seen } from "./idleness";
import type { Target } from "./machine-control";
import { queries } from "./promql";

/** Milliseconds for a query. */
const TIMEOUT_MS = 10_000;

const sampleSchema = z.tuple([z.number(), z.string()]);
const rangeSchema = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(z.object({ values: z.array(sampleSchema) })).max(1),
  }),
});

export interface PrometheusEvidenceOptions {
  /** Prometheus' base URL. */
  readonly url: string;
  readonly limits: IdleLimits;
  /** Milliseconds since 1970. @default `Date.now` */
  readonly now?: () => number;
}

/** What Prometheus remembers of a target: the state of the watchdog, which has none of its own. */
export class PrometheusEvidence {
  readonly #options: PrometheusEvidenceOptions;

  constructor(options: PrometheusEvidenceOptions) {
    this.#options = options;
  }

  /** The last checks of a target. @throws Error where Prometheus does not answer */
  async seen({ matchers, startedAt }: Pick<Target, "matchers" | "startedAt">): Promise<Seen> {
    const { limits, now = Date.now } = this.#options;
    const { checks, everySeconds, minUptimeSeconds } = limits;
    const count = Math.max(checks, Math.ceil(minUptimeSeconds / everySeconds));
    const end = now() / 1000;
    const times = Array.from({ length: count }, (_, index) => end - (count - 1 - index) * everySeconds);
    const { gpuPercent, requests, underWay } = queries(matchers, everySeconds);
    const [gpu, arrived, working] = await Promise.all(
      [gpuPercent, requests, underWay].map((query) => this.#range(query, times, everySeconds)),
    );
    const readings = times.map(
      (_, index): Reading => ({
        gpuPercent: gpu?.[index],
        requests: arrived?.[index],
        underWay: working?.[index],
      }),
    );
    return {
      readings,
      uptimeSeconds: startedAt === undefined ? knownFor(readings, everySeconds) : end - startedAt.getTime() / 1000,
    };
  }

  /** The query's value at each time; undefined where it has none. */
  async #range(query: string, times: readonly number[], step: number): Promise<readonly (number | undefined)[]> {
    const [start = 0] = times;
    const end = times.at(-1) ?? start;
    const form = new URLSearchParams({ query, start: start.toFixed(3), end: end.toFixed(3), step: String(step) });
    const { statusCode, body } = await request(`${this.#options.url}/api/v1/query_range`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`Prometheus answered ${statusCode}: ${text.slice(0, 200)}`);
    const [series] = rangeSchema.parse(JSON.parse(text)).data.result;
    const values = (series?.values ?? []).map(([at, value]) => ({ at, value: Number(value) }));
    return times.map((time) => values.find(({ at }) => Math.abs(at - time) < step / 2)?.value);
  }
}

/** Seconds that the newest consecutive readings of a GPU span: it has been up at least as long. */
function knownFor(readings: readonly Reading[], everySeconds: number): number {
  const unknown = [...readings].reverse().findIndex(({ gpuPercent }) => gpuPercent === undefined);
  return (unknown === -1 ? readings.length : unknown) * everySeconds;
}
