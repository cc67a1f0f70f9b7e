import { request } from "undici";

/** Figures of the engines' own `/metrics`. */
export interface EngineLoad {
  /** Share of the KV cache in use, 0–1, of the fullest engine. */
  readonly kvCacheUsage: number;
  /** Requests that wait inside the engines. */
  readonly waiting: number;
}

/** Milliseconds for an engine's page: a scrape or a person waits for the answer. */
const TIMEOUT_MS = 1_000;

/** Values of a metric in Prometheus' text format, whatever its labels. */
export function metricValues(page: string, name: string): number[] {
  return page.split("\n").flatMap((line) => {
    if (!line.startsWith(name) || !/^[{ ]/.test(line.slice(name.length))) return [];
    const value = Number(/ ([^ ]+)( \d+)?$/.exec(line)?.[1]);
    return Number.isFinite(value) ? [value] : [];
  });
}

/**
 * Reads vLLM's own gauges from each engine.
 * @param baseUrls OpenAI-compatible base URLs, ending in `/v1`; the metrics are beside that path
 * @returns undefined where no engine has a page with these gauges
 */
export async function engineLoad(baseUrls: readonly string[]): Promise<EngineLoad | undefined> {
  const pages = await Promise.all([...new Set(baseUrls)].map(page));
  const usages = pages.flatMap((text) => metricValues(text, "vllm:kv_cache_usage_perc"));
  const waiting = pages.flatMap((text) => metricValues(text, "vllm:num_requests_waiting"));
  if (usages.length === 0) return undefined;
  return { kvCacheUsage: Math.max(...usages), waiting: waiting.reduce((sum, value) => sum + value, 0) };
}

/** Empty where the engine has none, or does not answer: another OpenAI-compatible server need not have metrics. */
async function page(baseUrl: string): Promise<string> {
  try {
    const url = `${baseUrl.replace(/\/v1$/, "")}/metrics`;
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await body.text();
    return statusCode === 200 ? text : "";
  } catch {
    return "";
  }
}
