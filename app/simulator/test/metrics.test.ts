import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { MESSAGES, startSimulator } from "./client";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of a metrics page. */
function samplesOf(page: string): Sample[] {
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", labels = "", value] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

const recorded = ["engine-busy.prom", "engine-after.prom"].flatMap((file) =>
  samplesOf(readFileSync(join(__dirname, "../../../test/fixtures/metrics", file), "utf8")),
);

/** Names of vLLM 0.33 that dashboards, alerts and autoscaling read. Source: its `vllm/v1/metrics/loggers.py`. */
const HISTOGRAMS = [
  "time_to_first_token_seconds",
  "inter_token_latency_seconds",
  "request_time_per_output_token_seconds",
  "e2e_request_latency_seconds",
  "request_queue_time_seconds",
  "request_prefill_time_seconds",
  "request_decode_time_seconds",
  "request_inference_time_seconds",
  "request_prompt_tokens",
  "request_generation_tokens",
];

let simulator: Awaited<ReturnType<typeof startSimulator>>;
beforeAll(async () => {
  simulator = await startSimulator({ enableLora: true, allowRuntimeLoraUpdating: true, maxLoras: 2 });
  const ask = (max_tokens: number) => simulator.chat({ messages: MESSAGES, max_tokens });
  await (await ask(3)).text();
  await (await ask(200)).text();
});
afterAll(() => simulator.close());

const page = async () => (await simulator.get("/metrics")).text();
const read = async (name: string, labels: Readonly<Record<string, string>> = {}) =>
  samplesOf(await page())
    .filter((sample) => sample.name === `vllm:${name}`)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .map(({ value }) => value);

describe("/metrics", () => {
  it("has every name and every label that was recorded for the scaling rules", async () => {
    expect(recorded.length).toBeGreaterThan(10);
    const samples = samplesOf(await page());
    for (const { name, labels } of recorded) {
      const now = samples.find((sample) => sample.name === name);
      expect([name, Object.keys(now?.labels ?? {}).sort()]).toEqual([name, Object.keys(labels).sort()]);
    }
  });

  it("labels all of its own with the model and the engine", async () => {
    const without = samplesOf(await page()).filter(({ labels }) => labels.model_name !== "m" || labels.engine !== "0");
    expect(new Set(without.map(({ name }) => name))).toEqual(
      new Set(["vllm:cache_config_info", "vllm:lora_requests_info"]),
    );
  });

  it("has none of the names that vLLM removed", async () => {
    expect(await page()).not.toMatch(
      /gpu_cache_usage|gpu_prefix_cache|num_requests_swapped|vllm:time_per_output_token/,
    );
  });

  it("counts requests by finish reason, tokens, and prefix-cache hits", async () => {
    expect(await read("request_success_total", { finished_reason: "length" })).toEqual([1]);
    expect(await read("request_success_total", { finished_reason: "stop" })).toEqual([1]);
    const [prompts = 0] = await read("prompt_tokens_total");
    const [hits = 0] = await read("prefix_cache_hits_total");
    expect(await read("prefix_cache_queries_total")).toEqual([prompts]);
    expect(hits).toBe(16);
    expect(await read("prompt_tokens_by_source_total", { source: "local_compute" })).toEqual([prompts - hits]);
    const [tokens = 0] = await read("generation_tokens_total");
    expect(await read("inter_token_latency_seconds_count")).toEqual([tokens - 2]);
    expect(await read("num_preemptions_total")).toEqual([0]);
  });

  it.each(HISTOGRAMS)("observes both requests in %s, each bucket at least the one before", async (name) => {
    const buckets = await read(`${name}_bucket`);
    expect(buckets).toEqual([...buckets].sort((left, right) => left - right));
    const [count] = await read(`${name}_count`);
    expect(buckets.at(-1)).toBe(count);
    if (name !== "inter_token_latency_seconds") expect(count).toBe(2);
  });

  it("separates waiting for room from waiting for another adapter", async () => {
    for (const lora_name of ["a", "b", "c"]) {
      await simulator.post("/v1/load_lora_adapter", { lora_name, lora_path: `gs://adapters/${lora_name}` });
    }
    simulator.simulator.inject({ kind: "slow", minStepMs: 300 });
    const runs = ["a", "b", "c"].map((model) => simulator.chat({ model, messages: MESSAGES, max_tokens: 3 }));
    while ((await read("num_requests_running"))[0] !== 2) await new Promise(setImmediate);
    expect(await read("num_requests_waiting")).toEqual([1]);
    expect(await read("num_requests_waiting_by_reason", { reason: "deferred" })).toEqual([1]);
    expect(await read("num_requests_waiting_by_reason", { reason: "capacity" })).toEqual([0]);
    const adapters = { max_lora: "2", running_lora_adapters: "a,b", waiting_lora_adapters: "c" };
    expect(await read("lora_requests_info", adapters)).toHaveLength(1);
    expect((await read("kv_cache_usage_perc"))[0]).toBeGreaterThan(0);
    simulator.simulator.clearFaults();
    expect(await Promise.all(runs.map(async (run) => (await run).status))).toEqual([200, 200, 200]);
  });
});

const TOOLS = ["promtool"] as const;

describeWith(TOOLS, "the page of /metrics", () => {
  it("is read by Prometheus", async () => {
    const other = await startSimulator({ model: 'a "quoted" model\\' });
    const text = await (await other.get("/metrics")).text();
    await other.close();
    const [promtool] = TOOLS;
    const check = (input: string) => spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
    // It also has opinions on names, which are vLLM's: then it ends with 3.
    expect([0, 3]).toContain(check(text).status);
    expect(check(text.replace('engine="0"', "engine=0")).status).toBe(1);
  });
});
