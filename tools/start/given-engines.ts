import { z } from "zod";
import { ENV } from "../../app/src/contract/variables";
import type { LocalTarget } from "./monitor/prometheus-config";

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of `MODEL_TABLE` that locates engines; the gateway validates the rest. */
const entry = z.looseObject({ baseUrl: z.string().optional(), baseUrls: z.array(z.string()).optional() });
const table = z.record(
  z.string(),
  z.looseObject({ ...entry.shape, fallback: z.union([z.string(), entry]).optional() }),
);

const ANSWER_MS = 2_000;

/** Whether variables name engines, so that no simulated ones are started. */
export function enginesAreGiven(env: Environment): boolean {
  return Boolean(env[ENV.modelTable] || env[ENV.vllmBaseUrl]);
}

/**
 * The engines that variables name, where they expose vLLM's metrics: a server without them, such as Ollama, would be a
 * target that is always down.
 */
export async function givenEngines(env: Environment): Promise<readonly LocalTarget[]> {
  const found = await Promise.all(engineHosts(env).map(async (host) => ((await hasMetrics(host)) ? [host] : [])));
  for (const host of engineHosts(env).filter((host) => !found.flat().includes(host))) {
    console.log(`${host} shows no metrics of vLLM: not watched`);
  }
  return found.flat().map((address) => ({ job: "vllm", instance: address, address }));
}

function engineHosts(env: Environment): readonly string[] {
  const urls = env[ENV.modelTable] ? tableUrls(env[ENV.modelTable] ?? "") : [env[ENV.vllmBaseUrl] ?? ""];
  // Scraping is plain HTTP.
  return [
    ...new Set(urls.filter((url) => URL.canParse(url) && url.startsWith("http:")).map((url) => new URL(url).host)),
  ];
}

/** Empty for an invalid model table, which the gateway rejects with the reason. */
function tableUrls(text: string): readonly string[] {
  try {
    const entries = Object.values(table.parse(JSON.parse(text)));
    const all = entries.flatMap((one) => (typeof one.fallback === "object" ? [one, one.fallback] : [one]));
    return all.flatMap(({ baseUrl, baseUrls = [] }) => (baseUrl === undefined ? baseUrls : [baseUrl, ...baseUrls]));
  } catch {
    return [];
  }
}

async function hasMetrics(host: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return (await answer.text()).includes("vllm:");
  } catch {
    return false;
  }
}
