import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import type { AppError } from "../../../src/shared/errors/app-error";
import { chunk, fail, say } from "../../support/engine";
import { ADMISSION_REFUSALS, FULL, GONE, refuse } from "../../support/vllm-refusals";
import { ManualClock } from "./manual-clock";
import { Closing, call, ending, HELLO, stream } from "./pool";

const opened = new Closing();
afterEach(() => opened.all());

describe("ServedModel's retries", () => {
  it.each([502, 503, 504])("retry a %i, and the client sees only the answer", async (status) => {
    const engine = await opened.engine((_asked, response, attempt) =>
      attempt < 3 ? fail(response, status) : stream(response, "Hi"),
    );
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    const registry = new Registry();
    pool.instrument(registry);
    expect(await pool.forTask("til").complete(HELLO, call())).toMatchObject({
      content: "Hi",
      model: "m",
      fallback: false,
    });
    expect(engine.asked).toHaveLength(3);
    expect(await registry.metrics()).toContain(`gateway_engine_retries_total{model="m",reason="${status}"} 2`);
    // One request, however many attempts.
    expect(served).toMatchObject([{ task: "til", model: "m", ok: true, completionTokens: 1, promptTokens: 7 }]);
  });

  it("end after the fourth failure", async () => {
    const engine = await opened.engine((_asked, response) => fail(response, 503));
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(engine.asked).toHaveLength(4);
    expect(served).toMatchObject([{ ok: false, completionTokens: 0, ttftMs: undefined }]);
  });

  it.each([400, 401, 404, 408, 429, 500])("do not retry a %i", async (status) => {
    const engine = await opened.engine((_asked, response) => fail(response, status));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toThrow();
    expect(engine.asked).toHaveLength(1);
  });

  it("go to another endpoint at once, where there is one", async () => {
    const bad = await opened.engine((_asked, response) => void response.destroy());
    const good = await opened.engine((_asked, response) => stream(response, "Hi"));
    const { pool } = opened.pool({ baseUrls: [bad.baseUrl, good.baseUrl] });
    for (let request = 0; request < 4; request += 1) {
      expect((await pool.forTask("til").complete(HELLO, call())).content).toBe("Hi");
    }
    expect(good.asked).toHaveLength(4);
    expect(bad.asked.length).toBeGreaterThan(0);
  });

  it("retry a dead engine's 500 on another endpoint", async () => {
    const dead = await opened.engine((_asked, response) => fail(response, 500));
    const good = await opened.engine((_asked, response) => stream(response, "Hi"));
    const { pool } = opened.pool({ baseUrls: [dead.baseUrl, good.baseUrl] });
    for (let request = 0; request < 4; request += 1) {
      expect((await pool.forTask("til").complete(HELLO, call())).content).toBe("Hi");
    }
    expect(dead.asked.length).toBeGreaterThan(0);
  });

  it("do not retry once the answer has begun, streamed or not", async () => {
    const engine = await opened.engine((_asked, response) => {
      response.write(chunk("Half"));
      setTimeout(() => response.destroy(), 10);
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    const { deltas } = await pool.forTask("til").stream(HELLO, call());
    const read = async () => {
      for await (const _ of deltas);
    };
    await expect(read()).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(engine.asked).toHaveLength(2);
  });

  it("stop after the client has left", async () => {
    const leave = new AbortController();
    const engine = await opened.engine((_asked, response) => {
      leave.abort();
      fail(response, 503);
    });
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call(leave.signal))).rejects.toMatchObject({
      code: "CLIENT_CLOSED_REQUEST",
    });
    expect(engine.asked).toHaveLength(1);
    expect(served).toHaveLength(0);
    expect(pool.forTask("til").model.inFlight).toBe(0);
  });

  it("stop at the request's own time limit", async () => {
    const engine = await opened.engine(async (_asked, response) => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      fail(response, 503);
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl, timeoutMs: 150 });
    const started = performance.now();
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ status: expect.any(Number) });
    expect(performance.now() - started).toBeLessThan(300);
    expect(engine.asked.length).toBeLessThan(3);
  });
});

describe("ServedModel with a full engine", () => {
  it.each(ADMISSION_REFUSALS)(
    "returns 429 with Retry-After at once, and its circuit stays closed: $error.message",
    async (full) => {
      const engine = await opened.engine((_asked, response) => refuse(response, full));
      const { pool } = opened.pool({ baseUrl: engine.baseUrl });
      for (let request = 0; request < 6; request += 1) {
        // vLLM gives no time to come back at; nothing has been measured yet.
        const error = { code: "ENGINE_BUSY", status: 429, retryAfterSeconds: 1 };
        await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject(error);
      }
      expect(engine.asked).toHaveLength(6);
      expect(pool.forTask("til").down).toBe(false);
    },
  );

  it("retries on another endpoint", async () => {
    const full = await opened.engine((_asked, response) => refuse(response, FULL));
    const free = await opened.engine((_asked, response) => stream(response, "Hi"));
    const { pool } = opened.pool({ baseUrls: [full.baseUrl, free.baseUrl] });
    const registry = new Registry();
    pool.instrument(registry);
    const answers = await Promise.all([1, 2, 3].map(() => pool.forTask("til").complete(HELLO, call())));
    expect(answers.map(({ content }) => content)).toEqual(["Hi", "Hi", "Hi"]);
    expect(await registry.metrics()).toContain('gateway_engine_retries_total{model="m",reason="full"}');
  });

  it("gives the engine's own Retry-After where it has one", async () => {
    const engine = await opened.engine((_asked, response) => refuse(response, FULL, { "retry-after": "4" }));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ retryAfterSeconds: 4 });
  });

  it.each([
    ["a proxy's page", 503, "<html>The request queue is overloaded; try again later or on a different instance</html>"],
    ["a proxy's text", 503, "upstream connect error or disconnect/reset before headers. reset reason: overflow"],
    ["an engine that loads", 503, '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}'],
    [
      "an engine that shuts down",
      503,
      '{"error":{"message":"The server is shutting down.","type":"Service Unavailable","param":null,"code":503}}',
    ],
  ])("is not seen in a 503 of %s, which opens the circuit", async (_name, status, body) => {
    const engine = await opened.engine((_asked, response) => void response.writeHead(status).end(body));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(pool.forTask("til").down).toBe(true);
  });
});

describe("ServedModel with an engine that drains or has died", () => {
  it.each(GONE)("returns 503 with Retry-After, and its circuit opens: $error.message", async (gone) => {
    const engine = await opened.engine((_asked, response) => refuse(response, gone));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    for (let request = 0; request < 5; request += 1) {
      const error = { code: "ENGINE_UNAVAILABLE", status: 503, retryAfterSeconds: 5 };
      await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject(error);
    }
    expect(engine.asked).toHaveLength(5);
    expect(pool.forTask("til").down).toBe(true);
  });

  it.each(GONE)("retries on another endpoint: $error.message", async (gone) => {
    const bad = await opened.engine((_asked, response) => refuse(response, gone));
    const good = await opened.engine((_asked, response) => stream(response, "Hi"));
    const { pool } = opened.pool({ baseUrls: [bad.baseUrl, good.baseUrl] });
    for (let request = 0; request < 4; request += 1) {
      expect((await pool.forTask("til").complete(HELLO, call())).content).toBe("Hi");
    }
    expect(bad.asked.length).toBeGreaterThan(0);
  });

  it("is ENGINE_UNAVAILABLE also where vLLM says so in a stream that has begun", async () => {
    const [, died] = GONE;
    const engine = await opened.engine(async (_asked, response) => {
      await new Promise<void>((resolve) => void response.write(chunk("Half"), () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 50));
      response.end(`data: ${JSON.stringify(died)}\n\ndata: [DONE]\n\n`);
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const error = { code: "ENGINE_UNAVAILABLE" };
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject(error);
    const { raw } = await pool.forTask("chat").streamRaw(HELLO, call());
    await expect(raw.pipe(new PassThrough())).rejects.toMatchObject(error);
  });
});

describe("ServedModel with an engine down", () => {
  it("sends nothing after five failures, and again once a probe succeeded", async () => {
    let well = false;
    const engine = await opened.engine((_asked, response) => (well ? stream(response, "Hi") : fail(response, 500)));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const registry = new Registry();
    pool.instrument(registry);
    const { host } = new URL(engine.baseUrl);
    const up = async () => (await registry.metrics()).match(/^gateway_endpoint_up\{.*$/m)?.[0];
    expect(await up()).toBe(`gateway_endpoint_up{model="m",endpoint="${host}"} 1`);
    for (let request = 0; request < 5; request += 1) {
      await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_BAD_REPLY" });
    }
    expect(await up()).toBe(`gateway_endpoint_up{model="m",endpoint="${host}"} 0`);
    expect(pool.down("til")).toBe(true);
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      retryAfterSeconds: expect.any(Number),
    });
    expect(engine.asked).toHaveLength(5);
    well = true;
    await pool.forTask("til").model.warmUp(new AbortController().signal);
    expect((await pool.forTask("til").complete(HELLO, call())).content).toBe("Hi");
    expect(await up()).toContain("} 1");
  });

  it.each(["stream", "streamRaw"] as const)(
    "lets others in at a probe's first token, not at its end: %s",
    async (way) => {
      const clock = new ManualClock();
      const open: (() => void)[] = [];
      let well = false;
      const engine = await opened.engine((_asked, response) => {
        if (!well) return fail(response, 500);
        response.write(chunk("Long"));
        open.push(() => response.end(ending(1)));
      });
      const { pool } = opened.pool({ baseUrl: engine.baseUrl }, { clock });
      const model = pool.forTask("til");
      for (let request = 0; request < 5; request += 1) await model.complete(HELLO, call()).catch(() => {});
      expect(pool.down("til")).toBe(true);
      well = true;
      clock.advance(30_000);
      const read = async () => {
        if (way === "streamRaw") return (await model.streamRaw(HELLO, call())).raw.pipe(new PassThrough());
        const { deltas } = await model.stream(HELLO, call());
        for await (const _ of deltas);
      };
      const probe = read();
      while (pool.down("til") || open.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const others = [read(), read(), read()];
      while (open.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const end of open) end();
      await Promise.all([probe, ...others]);
    },
  );

  it("refuses waiting requests as it refuses new ones", async () => {
    const held: (() => void)[] = [];
    const engine = await opened.engine((_asked, response) => void held.push(() => fail(response, 500)));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl, concurrency: 5 });
    const model = pool.forTask("til");
    const codes: string[] = [];
    const requests = Array.from({ length: 12 }, () =>
      model.complete(HELLO, call()).catch((thrown: AppError) => void codes.push(thrown.code)),
    );
    while (held.length < 5 || model.model.waiting < 7) await new Promise((resolve) => setTimeout(resolve, 5));
    // Each that fails makes room for one that waits, until the circuit opens.
    for (let failed = 0; failed < 10; failed += 1) {
      held.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(requests);
    expect(codes.filter((code) => code === "ENGINE_UNAVAILABLE").length).toBeGreaterThan(0);
    expect([model.model.waiting, model.model.inFlight]).toEqual([0, 0]);
  });
});

describe("ServedModel with an engine that answers rubbish", () => {
  it.each([
    ["no protocol at all", "<html>"],
    ["an event that is no JSON", "data: {oops\n\n"],
    ["an event of another shape", 'data: {"hello":1}\n\n'],
    ["an error in the stream", 'data: {"error":{"message":"SECRET"}}\n\ndata: [DONE]\n\n'],
    ["nothing", ""],
  ])("(%s) is 502, and its words stay here", async (_name, body) => {
    const engine = await opened.engine((_asked, response) => void response.end(body));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const failure = pool.forTask("til").complete(HELLO, call());
    await expect(failure).rejects.toMatchObject({ code: "ENGINE_BAD_REPLY", status: 502 });
    await expect(failure).rejects.not.toThrow("SECRET");
  });
});

describe("a prompt longer than the context", () => {
  const long = { ...HELLO, messages: [{ role: "user" as const, content: "word ".repeat(2_000) }] };

  it("returns 422 before a request is sent, where the table or the engine gives the context length", async () => {
    const engine = await opened.engine((_asked, response) => stream(response, "Hi"), {
      models: [{ id: "m", max_model_len: 1_024 }],
    });
    const told = opened.pool({ baseUrl: engine.baseUrl, contextTokens: 1_024 }).pool;
    const asked = opened.pool({ baseUrl: engine.baseUrl }).pool;
    await asked.forTask("til").model.probe(new AbortController().signal);
    for (const pool of [told, asked]) {
      await expect(pool.forTask("til").complete(long, call())).rejects.toMatchObject({
        code: "PROMPT_TOO_LONG",
        status: 422,
        params: { tokens: expect.any(Number), answer: 16, context: 1_024, largest: expect.any(Number) },
      });
    }
    expect(engine.asked).toHaveLength(0);
  });

  it("returns 422 from the engine's refusal, which does not count against its circuit", async () => {
    const message = "This model's maximum context length is 1024 tokens. However, you requested 2016 tokens in total";
    const engine = await opened.engine(
      (_asked, response) =>
        void response.writeHead(400).end(JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } })),
    );
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    for (let request = 0; request < 6; request += 1) {
      await expect(pool.forTask("til").complete(long, call())).rejects.toMatchObject({
        code: "PROMPT_TOO_LONG",
        params: { tokens: 2_000, answer: 16, context: 1_024, largest: -976 },
      });
    }
    expect(served).toHaveLength(0);
  });

  const tooLong =
    "This model's maximum context length is 1024 tokens. However, you requested 16 output tokens and your";
  it.each([
    [`${tooLong} prompt contains 2000 input tokens, for a total of 2016 tokens.`, 2_000, -976],
    // vLLM stops counting: the gateway's own estimate of at most 18 tokens is less than the bound.
    [`${tooLong} prompt contains at least 1009 input tokens, for a total of at least 1025 tokens.`, "1009+", 15],
    ["max_tokens=9000 cannot be greater than max_model_len=1024. Please request fewer output tokens.", 18, 1_006],
    ["max_tokens=9000 cannot be greater than max_model_len=max_total_tokens=1024.", 18, 1_006],
  ])("gives the size as the engine does, and a lower bound as such: %s", async (message, tokens, largest) => {
    const engine = await opened.engine(
      (_asked, response) =>
        void response.writeHead(400).end(JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } })),
    );
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({
      code: "PROMPT_TOO_LONG",
      params: { tokens, answer: 16, context: 1_024, largest },
    });
  });
});

describe("an engine that answers whole in place of a stream", () => {
  it("is read as a stream of one step", async () => {
    const engine = await opened.engine((_asked, response) => say(response, "Hi"));
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    const answer = await pool.forTask("til").complete(HELLO, call());
    expect(answer).toMatchObject({ content: "Hi", usage: { completion_tokens: 5 }, finishReason: "stop" });
    expect(served).toMatchObject([{ completionTokens: 5, promptTokens: 10, ok: true }]);
  });
});

describe("ModelPool.onServed", () => {
  it("is called with a request's times", async () => {
    const engine = await opened.engine(async (_asked, response) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      response.write(chunk("One"));
      await new Promise((resolve) => setTimeout(resolve, 40));
      response.write(chunk("Two"));
      response.end(ending(2));
    });
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    await pool.forTask("news").complete(HELLO, call());
    const [event] = served;
    expect(event).toMatchObject({ task: "news", ok: true, completionTokens: 2 });
    expect(event?.tpotMs).toBeGreaterThan(5);
    expect(event?.ttftMs).toBeGreaterThan(35);
    expect(event?.ttftMs).toBeLessThan(event?.durationMs ?? 0);
    expect(event?.durationMs).toBeGreaterThan(75);
  });

  it("counts an answer that its client left as the engine's success, with the tokens read", async () => {
    const leave = new AbortController();
    const engine = await opened.engine((_asked, response) => void response.write(chunk("One") + chunk("Two")));
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    const { deltas } = await pool.forTask("til").stream(HELLO, call(leave.signal));
    let read = 0;
    for await (const _ of deltas) {
      read += 1;
      if (read === 2) break;
    }
    await engine.asked[0]?.dropped;
    expect(served).toMatchObject([{ ok: true, completionTokens: 2 }]);
    expect(pool.forTask("til").model.inFlight).toBe(0);
  });
});
