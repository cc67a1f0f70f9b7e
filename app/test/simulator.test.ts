import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { Gpu } from "../src/simulator/gpu";
import { readMaterial } from "../src/simulator/material";
import { jsonSchemaSchema } from "../src/simulator/requests";
import { answerBySchema } from "../src/simulator/schema-answer";
import { buildSimulator } from "../src/simulator/simulator-server";
import { countTokens, decodeStepMs, L4_GEMMA_12B, prefillMs, toTokens } from "../src/simulator/timing";
import { parseEvents, textOf } from "./support/sse";

const simulator = buildSimulator({ speed: 0 });
let url = "";
beforeAll(async () => {
  url = await simulator.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => simulator.close());

const { model } = L4_GEMMA_12B;

function post(path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

const messages = [{ role: "user", content: "The cache is fast. The cache is small. Nothing else matters." }];

const completionSchema = z.object({
  object: z.literal("chat.completion"),
  system_fingerprint: z.literal("terrace-simulator"),
  choices: z.array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() })),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }),
});

describe("the simulator's API", () => {
  it("marks every answer as simulated, and answers from the prompt", async () => {
    const response = await post("/v1/chat/completions", { model, messages });
    expect(response.headers.get("x-simulated")).toBe("true");
    const { choices } = completionSchema.parse(await response.json());
    expect(choices[0]?.message.content).toContain("The cache is fast.");
  });

  it("streams the same text, with usage only where asked", async () => {
    const whole = completionSchema.parse(await (await post("/v1/chat/completions", { model, messages })).json());
    const streamed = parseEvents(await (await post("/v1/chat/completions", { model, messages, stream: true })).text());
    expect(textOf(streamed)).toBe(whole.choices[0]?.message.content);
    expect(streamed.some((event) => event.data?.usage !== undefined)).toBe(false);
    const options = { stream: true, stream_options: { include_usage: true } };
    const counted = parseEvents(await (await post("/v1/chat/completions", { model, messages, ...options })).text());
    expect(counted.at(-2)?.data?.usage?.completion_tokens).toBe(whole.usage.completion_tokens);
  });

  it("stops at max_tokens and says so", async () => {
    const response = await post("/v1/chat/completions", { model, messages, max_tokens: 2 });
    const { choices, usage } = completionSchema.parse(await response.json());
    expect(choices[0]?.finish_reason).toBe("length");
    expect(usage.completion_tokens).toBe(2);
  });

  it("has the bare completions, the model list, the version and the health of vLLM", async () => {
    const bare = await (await post("/v1/completions", { model, prompt: "The cache is fast." })).json();
    expect(bare).toMatchObject({ object: "text_completion", choices: [{ text: "The cache is fast." }] });
    expect(await (await fetch(`${url}/v1/models`)).json()).toMatchObject({ data: [{ id: model }] });
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ version: "0.33.0", simulated: true });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it("answers as vLLM does for a model that it has not, and for a body that is none", async () => {
    expect((await post("/v1/chat/completions", { model: "other", messages })).status).toBe(404);
    const bad = await post("/v1/chat/completions", { model });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ error: { type: "BadRequestError" } });
  });

  it("counts under the names that vLLM 0.33 has, and under none that it has dropped", async () => {
    await (await post("/v1/chat/completions", { model, messages, max_tokens: 3 })).text();
    const text = await (await fetch(`${url}/metrics`)).text();
    const labels = `{model_name="${model}",engine="0"`;
    for (const name of ["num_requests_running", "num_requests_waiting", "kv_cache_usage_perc"]) {
      expect(text).toContain(`vllm:${name}${labels}} 0`);
    }
    expect(text).toContain(`vllm:num_requests_waiting_by_reason${labels},reason="capacity"} 0`);
    for (const name of ["prompt_tokens_total", "generation_tokens_total", "request_success_total"]) {
      expect(text).toMatch(new RegExp(`vllm:${name}\\{[^}]*\\} [1-9]`));
    }
    for (const name of ["time_to_first_token_seconds", "inter_token_latency_seconds", "e2e_request_latency_seconds"]) {
      expect(text).toMatch(new RegExp(`vllm:${name}_count\\{[^}]*\\} [1-9]`));
    }
    expect(text).not.toMatch(/gpu_cache_usage|num_requests_swapped|time_per_output_token_seconds/);
  });
});

describe("an answer by JSON schema", () => {
  const leaf = fc.oneof(
    fc.record({ min: fc.nat(5), more: fc.nat(5) }).map(({ min, more }) =>
      z
        .int()
        .min(min)
        .max(min + more),
    ),
    fc.constant(z.string()),
    fc.constant(z.boolean()),
    fc.uniqueArray(fc.stringMatching(/^[a-z]+$/), { minLength: 1, maxLength: 3 }).map((values) => z.enum(values)),
  );
  const schema = fc.letrec<{ node: z.ZodType; list: z.ZodType; object: z.ZodType }>((tie) => ({
    node: fc.oneof({ depthSize: "small" }, leaf, tie("list"), tie("object")),
    list: fc.record({ item: tie("node"), min: fc.nat(3), more: fc.nat(3) }).map(({ item, min, more }) =>
      z
        .array(item)
        .min(min)
        .max(min + more),
    ),
    object: fc
      .dictionary(fc.constantFrom("title", "content", "keywords", "summary", "other"), tie("node"), { maxKeys: 4 })
      .map((shape) => z.strictObject(shape)),
  })).object;

  it("matches the schema, whatever the schema and the material", () => {
    fc.assert(
      fc.property(schema, fc.string(), (shape, text) => {
        const answer = answerBySchema(jsonSchemaSchema.parse(z.toJSONSchema(shape)), readMaterial("", text));
        expect(shape.safeParse(answer).error?.issues ?? []).toEqual([]);
      }),
    );
  });
});

describe("tokens", () => {
  it("are the text, cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(toTokens(text).join("")).toBe(text);
        expect(countTokens(text)).toBeLessThanOrEqual(toTokens(text).length);
      }),
    );
  });
});

describe("the pace of one L4", () => {
  it("is 40 tokens/s for one stream, and 446 for all of them together", () => {
    expect(decodeStepMs(1)).toBe(25);
    expect(decodeStepMs(11)).toBe(25);
    expect(1000 / decodeStepMs(30)).toBeCloseTo(446 / 30);
    expect(prefillMs(2_500)).toBe(1_000);
  });

  it("is kept by a stream", async () => {
    const started = performance.now();
    let tokens = 0;
    for await (const _ of new Gpu(10).generate(250, 20, new AbortController().signal)) tokens += 1;
    const took = performance.now() - started;
    expect(tokens).toBe(20);
    // 100 ms to read the prompt and 25 ms a token, ten times faster.
    expect(took).toBeGreaterThanOrEqual(59);
    expect(took).toBeLessThan(200);
  });

  it("lets only a batch run at once; who leaves the queue or the batch gives the place up", async () => {
    const gpu = new Gpu(1);
    const leavers = Array.from({ length: L4_GEMMA_12B.maxSequences + 2 }, () => new AbortController());
    const runs = leavers.map(async ({ signal }) => {
      for await (const _ of gpu.generate(1, 1_000, signal)) if (signal.aborted) break;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([gpu.running, gpu.waiting]).toEqual([L4_GEMMA_12B.maxSequences, 2]);
    expect(gpu.kvCacheUsage).toBe(1);
    for (const leaver of leavers) leaver.abort();
    await Promise.allSettled(runs);
    expect([gpu.running, gpu.waiting, gpu.kvCacheUsage]).toEqual([0, 0, 0]);
  });
});
