import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import {
  chatAnswerSchema,
  chunksOf,
  completionAnswerSchema,
  contentOf,
  errorOf,
  MESSAGES,
  startSimulator,
  textOfChunks,
} from "./client";

let simulator: Awaited<ReturnType<typeof startSimulator>>;
beforeAll(async () => {
  simulator = await startSimulator({ maxModelLen: 400, servedModelNames: ["m", "alias"] });
});
afterAll(() => simulator.close());

const chat = (body: object) => simulator.chat({ messages: MESSAGES, ...body });

describe("POST /v1/chat/completions", () => {
  it("answers from the prompt, in vLLM's form, marked as simulated", async () => {
    const response = await chat({ temperature: 0.2, seed: 7, max_completion_tokens: 50, user: "ignored" });
    expect(response.headers.get("x-simulated")).toBe("true");
    const { choices, usage } = chatAnswerSchema.parse(await response.json());
    expect(choices[0].message.content).toContain("The cache is fast.");
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  });

  it("streams the same text: the role first, one chunk a token, the finish reason last, usage only where requested", async () => {
    const whole = await contentOf(await chat({}));
    const response = await chat({ stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const chunks = chunksOf(await response.text());
    expect(textOfChunks(chunks)).toBe(whole);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks[0]?.system_fingerprint).toBe("terrace-simulator");
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter((reason) => reason !== null)).toEqual([
      "stop",
    ]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.some(({ usage }) => usage !== undefined)).toBe(false);

    const counted = chunksOf(await (await chat({ stream: true, stream_options: { include_usage: true } })).text());
    expect(counted.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: chunks.length - 1 } });
    const running = { include_usage: true, continuous_usage_stats: true };
    const continuous = chunksOf(await (await chat({ stream: true, stream_options: running })).text());
    expect(continuous.slice(0, 3).map(({ usage }) => usage?.completion_tokens)).toEqual([0, 1, 2]);
  });

  it("ends at max_tokens, and at a stop string, which it names", async () => {
    const cut = chatAnswerSchema.parse(await (await chat({ max_tokens: 2 })).json());
    expect([cut.choices[0].finish_reason, cut.usage.completion_tokens]).toEqual(["length", 2]);
    const stopped = chatAnswerSchema.parse(await (await chat({ stop: [" small", "fast"] })).json()).choices[0];
    expect(stopped).toMatchObject({ finish_reason: "stop", stop_reason: "fast" });
    expect(stopped.message.content).toBe("The cache is ");
    expect(await contentOf(await chat({ stop: "fast", include_stop_str_in_output: true }))).toBe("The cache is fast");
  });

  it("keeps the request's id, and answers under the requested model name, or the first", async () => {
    const named = await simulator.chat({ model: "alias", messages: MESSAGES }, { headers: { "x-request-id": "r-1" } });
    expect(chatAnswerSchema.parse(await named.json())).toMatchObject({ id: "chatcmpl-r-1", model: "alias" });
    const unnamed = await simulator.post("/v1/chat/completions", { messages: MESSAGES });
    expect(chatAnswerSchema.parse(await unnamed.json()).model).toBe("m");
  });

  it("answers a question from the conversation, or that it holds nothing about it", async () => {
    const system = { role: "system", content: "Deploys run at night. The database is backed up every morning." };
    const ask = async (content: string) => contentOf(await chat({ messages: [system, { role: "user", content }] }));
    expect(await ask("When is the database backed up?")).toBe("The database is backed up every morning.");
    expect(await ask("Who wrote Hamlet?")).toContain("holds nothing about it");
    expect(await ask("햄릿은 누가 썼나요?")).toContain("자료가 없습니다");
  });

  it.each([
    ["a choice", { structured_outputs: { choice: ["large", "small"] } }, z.literal("small")],
    ["an object", { response_format: { type: "json_object" } }, z.string().regex(/^\{"answer":/)],
    [
      "a schema, given as OpenAI has it",
      {
        response_format: {
          type: "json_schema",
          json_schema: { name: "n", schema: { type: "object", properties: { summary: { type: "string" } } } },
        },
      },
      z.string().regex(/^\{"summary":"The cache is/),
    ],
    [
      "a schema, given as vLLM has it",
      { structured_outputs: { json: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 } } },
      z.string().regex(/^\["[^"]+","[^"]+"\]$/),
    ],
  ])("gives its answer the form of %s", async (_, form, schema) => {
    expect(schema.safeParse(await contentOf(await chat(form))).error?.issues).toBeUndefined();
  });

  it.each([
    ["no messages", { messages: undefined }, "Bad Request", "body.messages"],
    ["a limit that is no number", { max_tokens: "many" }, "Bad Request", "body.max_tokens"],
    ["no token at all", { max_tokens: 0 }, "BadRequestError", "max_tokens"],
    ["several answers", { n: 2 }, "BadRequestError", "n"],
    ["a negative temperature", { temperature: -1 }, "BadRequestError", "temperature"],
    ["an empty stop string", { stop: "" }, "BadRequestError", "stop"],
    [
      "stream options without a stream",
      { stream_options: { include_usage: true } },
      "BadRequestError",
      "stream_options",
    ],
    ["more tokens than the context has", { max_tokens: 400 }, "BadRequestError", "input_tokens"],
    ["a limit above the context", { max_tokens: 9_000 }, "BadRequestError", "max_tokens"],
    [
      "a prompt longer than the context",
      { messages: [{ role: "user", content: "a b ".repeat(300) }] },
      "BadRequestError",
      "input_tokens",
    ],
    ["a schema that nothing matches", { structured_outputs: { json: false } }, "BadRequestError", "response_format"],
    ["a grammar", { structured_outputs: { grammar: "root ::= x" } }, "BadRequestError", "structured_outputs"],
  ])("is refused with %s", async (_, body, type, param) => {
    expect(await errorOf(await chat(body))).toMatchObject({ status: 400, code: 400, type, param });
  });

  it("takes a priority where first come is first served, and ignores it", async () => {
    expect((await chat({ priority: 1 })).status).toBe(200);
  });

  it("refuses an unknown model as vLLM does", async () => {
    expect(await errorOf(await chat({ model: "other" }))).toEqual({
      status: 404,
      message: "The model `other` does not exist. Valid aliases: m, alias.",
      type: "NotFoundError",
      param: "model",
      code: 404,
    });
  });

  it("refuses what is no JSON, and survives any body", async () => {
    expect(await errorOf(await simulator.post("/v1/chat/completions", "{"))).toMatchObject({ status: 400 });
    const form = { headers: { "content-type": "text/plain" } };
    expect(await errorOf(await simulator.post("/v1/chat/completions", "{}", form))).toMatchObject({ status: 400 });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (body) => {
        const response = await simulator.post("/v1/chat/completions", JSON.stringify(body));
        expect([200, 400, 404]).toContain(response.status);
        await response.text();
      }),
      { numRuns: 50 },
    );
  });
});

describe("POST /v1/completions", () => {
  it("answers in vLLM's form, whole and streamed, and takes tokens for a prompt", async () => {
    const prompt = "The cache is fast.";
    const answer = completionAnswerSchema.parse(await (await simulator.post("/v1/completions", { prompt })).json());
    expect(answer.choices[0].text).toBe(prompt);
    const streamed = await simulator.post("/v1/completions", { prompt, stream: true, max_tokens: 2 });
    const chunks = chunksOf(await streamed.text());
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual(["The", " cache"]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("length");

    const ids = z
      .object({ tokens: z.array(z.int()) })
      .parse(await (await simulator.post("/tokenize", { prompt })).json());
    const [, ...own] = ids.tokens;
    const again = await simulator.post("/v1/completions", { prompt: own, echo: true });
    expect(completionAnswerSchema.parse(await again.json()).choices[0].text).toBe(prompt + prompt);
  });
});

describe("POST /v1/embeddings", () => {
  const embeddingSchema = z.object({
    object: z.literal("list"),
    data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()) })),
    usage: z.object({ prompt_tokens: z.int() }),
  });
  const embed = async (input: unknown, more = {}) =>
    embeddingSchema.parse(await (await simulator.post("/v1/embeddings", { model: "m", input, ...more })).json());
  const cosine = (left: readonly number[] = [], right: readonly number[] = []) =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

  it("gives 768 numbers of length 1, the same each time, near for texts that share words", async () => {
    const texts = ["Redis에 장바구니를 캐시했다", "장바구니를 Redis에 캐시하는 방법", "The weather was fine"];
    const { data } = await embed(texts);
    const [first, near, far] = data.map(({ embedding }) => embedding);
    expect(first).toHaveLength(768);
    expect(cosine(first, first)).toBeCloseTo(1);
    expect(cosine(first, near)).toBeGreaterThan(cosine(first, far) + 0.3);
    expect((await embed(texts[0])).data[0]?.embedding).toEqual(first);
  });

  it("gives base64 and fewer dimensions where requested, and refuses an empty input", async () => {
    const [plain] = (await embed("cache", { dimensions: 64 })).data;
    const body = { input: "cache", dimensions: 64, encoding_format: "base64" };
    const base64 = z
      .object({ data: z.tuple([z.object({ embedding: z.string() })]) })
      .parse(await (await simulator.post("/v1/embeddings", body)).json()).data[0].embedding;
    const bytes = Buffer.from(base64, "base64");
    const floats = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    expect(floats).toEqual((plain?.embedding ?? []).map(Math.fround));
    expect(await errorOf(await simulator.post("/v1/embeddings", { input: [] }))).toMatchObject({ status: 400 });
    expect(await errorOf(await simulator.post("/v1/embeddings", { input: "a", dimensions: 769 }))).toMatchObject({
      status: 400,
    });
  });
});

describe("the simulator's other routes", () => {
  it("list the model with its context under all its names", async () => {
    const { data } = z
      .object({ data: z.array(z.looseObject({ id: z.string() })) })
      .parse(await (await simulator.get("/v1/models")).json());
    expect(data.map(({ id }) => id)).toEqual(["m", "alias"]);
    expect(data[0]).toMatchObject({ object: "model", root: "m", parent: null, max_model_len: 400 });
  });

  it("give health, version and load, and 404 at other paths", async () => {
    for (const path of ["/health", "/ping"]) expect((await simulator.get(path)).status).toBe(200);
    expect(await (await simulator.get("/version")).json()).toMatchObject({ version: "0.33.0" });
    expect(await (await simulator.get("/load")).json()).toEqual({ server_load: 0 });
    expect(await errorOf(await simulator.get("/v2/none"))).toMatchObject({ status: 404, type: "Not Found" });
    expect(await errorOf(await simulator.get("/v1/completions"))).toMatchObject({ status: 405 });
  });

  it("turn any text into tokens and back", async () => {
    const [bos] = z
      .object({ tokens: z.array(z.int()) })
      .parse(await (await simulator.post("/tokenize", { prompt: "" })).json()).tokens;
    expect(bos).toBe(2);
    const messages = await (await simulator.post("/tokenize", { messages: MESSAGES, return_token_strs: true })).json();
    expect(messages).toMatchObject({ max_model_len: 400, token_strs: expect.arrayContaining(["<start_of_turn>"]) });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (prompt) => {
        const body = { prompt, add_special_tokens: false };
        const answer = z.object({ count: z.int(), tokens: z.array(z.int().max(Number.MAX_SAFE_INTEGER)) });
        const { count, tokens } = answer.parse(await (await simulator.post("/tokenize", body)).json());
        expect(tokens).toHaveLength(count);
        expect(await (await simulator.post("/detokenize", { tokens })).json()).toEqual({ prompt });
      }),
      { numRuns: 30 },
    );
  });
});

describe("--api-key", () => {
  it("guards /v1 and nothing else", async () => {
    const guarded = await startSimulator({ apiKeys: ["k1", "k2"] });
    const ask = (authorization: string) =>
      guarded.chat({ messages: MESSAGES }, { headers: { authorization } }).then(({ status }) => status);
    expect(await ask("Bearer k2")).toBe(200);
    for (const wrong of ["Bearer k3", "Bearer ", "Basic k1", ""]) expect(await ask(wrong)).toBe(401);
    expect(await (await guarded.get("/v1/models")).json()).toEqual({ error: "Unauthorized" });
    for (const path of ["/metrics", "/health", "/version"]) expect((await guarded.get(path)).status).toBe(200);
    await guarded.close();
  });
});
