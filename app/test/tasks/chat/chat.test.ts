import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { singleModelTable } from "../../../src/config/model-table";
import { TASKS } from "../../../src/contract/tasks";
import { ending, stream } from "../../engines/client/pool";
import { chunk, fail } from "../../support/engine";
import { startSimulatedGateway } from "../../support/gateway";
import { parseEvents, textOfEvents } from "../../support/sse";
import { FULL, refuse } from "../../support/vllm-refusals";
import { metric, Opened, PROMPT, pieces, send } from "./chat-gateway";

const opened = new Opened();
afterEach(() => opened.close());

describe("POST /api/chat", () => {
  it("streams the engine's own bytes under the gateway's headers", async () => {
    const { engine, gateway } = await opened.behind((_asked, response) => stream(response, "Hello", " 세계"));
    const response = await gateway.post(TASKS.chat.path, { messages: PROMPT }, { headers: { "x-request-id": "mine" } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(chunk("Hello") + chunk(" 세계") + ending(2));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-request-id": "mine",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(response.headers.has("x-simulated")).toBe(false);
    expect(engine.asked[0]?.headers["x-request-id"]).toBe("mine");
    expect(engine.asked[0]?.body).toMatchObject({
      model: "m",
      messages: PROMPT,
      max_tokens: 1_024,
      temperature: 0.7,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("answers with JSON of OpenAI's shape where `stream` is false", async () => {
    const { engine, gateway } = await opened.behind((_asked, response) => stream(response, "Hello", " there"));
    const body = { messages: PROMPT, stream: false, temperature: 0, max_tokens: 8, model: "m" };
    const response = await gateway.post(TASKS.chat.path, body);
    expect(await response.json()).toEqual({
      id: `chatcmpl-${response.headers.get("x-request-id")}`,
      object: "chat.completion",
      created: expect.closeTo(Date.now() / 1_000, -1),
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello there" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
      simulated: false,
      fallback: false,
      degraded: false,
    });
    expect(engine.asked[0]?.body).toMatchObject({ max_tokens: 8, temperature: 0 });
  });

  it("streams under OpenAI's path only where `stream` is true", async () => {
    const { gateway } = await opened.behind((_asked, response) => stream(response, "Hi"));
    const whole = await gateway.post(TASKS.chat.aliases[0], { messages: PROMPT });
    expect(whole.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const streamed = await gateway.post(TASKS.chat.aliases[0], { messages: PROMPT, stream: true });
    expect(await streamed.text()).toBe(chunk("Hi") + ending(1));
  });

  it("marks answers of the simulator", async () => {
    const gateway = await startSimulatedGateway();
    try {
      const response = await gateway.post(TASKS.chat.path, { messages: PROMPT });
      expect(response.headers.get("x-simulated")).toBe("true");
      expect(parseEvents(await response.text()).at(-1)?.done).toBe(true);
    } finally {
      await gateway.close();
    }
  });

  it("counts the request, its tokens, its time to first token and its goodput", async () => {
    const { gateway } = await opened.behind((_asked, response) => stream(response, "Hello", " there"));
    await (await gateway.post(TASKS.chat.path, { messages: PROMPT })).text();
    const count = (line: string) => metric(gateway.url, line);
    expect(await count('gateway_requests_total{route="/api/chat",method="POST",status="200"}')).toBe(1);
    expect(await count('gateway_tokens_total{model="m",kind="completion"}')).toBe(2);
    expect(await count('gateway_ttft_seconds_count{task="chat",model="m"}')).toBe(1);
    expect(await count('gateway_sla_requests_total{task="chat",met="true"}')).toBe(1);
    expect(await count('gateway_queue_wait_seconds_count{model="m",class="interactive"}')).toBe(1);
    expect(gateway.operations.work.count).toBe(0);
  });
});

describe("POST /api/chat with a wrong body", () => {
  const user = { role: "user", content: "x" };
  const assistant = { role: "assistant", content: "x" };
  const system = { role: "system", content: "x" };

  it.each([
    ["an unknown field", { messages: PROMPT, conversation_id: "c" }, "conversation_id"],
    ["no messages", {}, "messages"],
    ["an empty list", { messages: [] }, "messages"],
    ["an unknown role", { messages: [{ role: "tool", content: "x" }] }, "role"],
    ["an empty message", { messages: [{ role: "user", content: "" }] }, "content"],
    ["a field in a message", { messages: [{ ...user, name: "x" }] }, "name"],
    ["a temperature over 2", { messages: PROMPT, temperature: 2.1 }, "temperature"],
    ["no tokens", { messages: PROMPT, max_tokens: 0 }, "max_tokens"],
    ["the assistant last", { messages: [user, assistant] }, "messages"],
    ["two users in a row", { messages: [user, user] }, "messages"],
    ["the system in between", { messages: [user, system, user] }, "messages"],
    ["the system alone", { messages: [system] }, "messages"],
  ])("refuses it with the field's path: %s", async (_name, body, field) => {
    const { engine, gateway } = await opened.behind((_asked, response) => stream(response, "x"));
    const response = await gateway.post(TASKS.chat.path, body);
    expect(response.status).toBe(422);
    const answer = JSON.stringify(await response.json());
    expect(answer).toContain("VALIDATION_ERROR");
    expect(answer).toContain(`"${field}"`);
    expect(engine.asked).toHaveLength(0);
  });

  it("accepts messages that alternate after a system message", async () => {
    const { gateway } = await opened.behind((_asked, response) => stream(response, "x"));
    const response = await gateway.post(TASKS.chat.path, { messages: [system, user, assistant, user] });
    expect(response.status).toBe(200);
    await response.text();
  });

  it("answers 422 to a prompt beyond the model's context without calling an engine", async () => {
    const engine = await opened.engine((_asked, response) => stream(response, "x"));
    const target = { baseUrl: engine.baseUrl, model: "m", concurrency: 1, contextTokens: 1_100 };
    const table = singleModelTable(target);
    const gateway = await opened.gateway({ baseUrl: engine.baseUrl, models: { table } });
    const messages = [{ role: "user", content: "word ".repeat(2_000) }];
    const response = await gateway.post(TASKS.chat.path, { messages });
    expect([response.status, await response.json()]).toMatchObject([422, { code: "PROMPT_TOO_LONG" }]);
    expect(engine.asked).toHaveLength(0);
  });
});

describe("POST /api/chat when the engine fails", () => {
  it("answers with a status and nothing of the engine's body before the first event", async () => {
    const { gateway } = await opened.behind((_asked, response) => fail(response, 400));
    const response = await gateway.post(TASKS.chat.path, { messages: PROMPT });
    const text = await response.text();
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(text).toContain("ENGINE_BAD_REPLY");
    expect(text).not.toContain("SECRET");
  });

  it("ends the stream with an error event and no [DONE] after the first event", async () => {
    const { gateway } = await opened.behind(async (_asked, response) => {
      await send(response, chunk("half"));
      response.destroy();
    });
    const events = parseEvents(await (await gateway.post(TASKS.chat.path, { messages: PROMPT })).text());
    expect(textOfEvents(events)).toBe("half");
    expect(events.at(-1)).toMatchObject({ name: "error", done: false, data: { code: "ENGINE_UNAVAILABLE" } });
    expect(gateway.models.forTask("chat").model.inFlight).toBe(0);
  });

  it("answers 429 with Retry-After where the engine is full, and counts a refusal", async () => {
    const { gateway } = await opened.behind((_asked, response) => refuse(response, FULL));
    const response = await gateway.post(TASKS.chat.path, { messages: PROMPT });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await metric(gateway.url, 'gateway_rejected_requests_total{route="/api/chat",reason="ENGINE_BUSY"}')).toBe(
      1,
    );
  });
});

describe("POST /api/chat whose client leaves", () => {
  it.each([true, false])("cancels the engine's work and frees its place (streamed: %s)", async (streamed) => {
    let onAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const { engine, gateway } = await opened.behind((_asked, response) => {
      response.write(chunk("…"));
      onAsked();
    });
    const leave = new AbortController();
    const body = { messages: PROMPT, stream: streamed };
    const answer = gateway.post(TASKS.chat.path, body, { signal: leave.signal }).then((response) => response.text());
    await asked;
    leave.abort();
    await expect(answer).rejects.toThrow("aborted");
    await engine.asked[0]?.dropped;
    const line = 'gateway_requests_total{route="/api/chat",method="POST",status="499"}';
    while ((await metric(gateway.url, line)) !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(gateway.models.forTask("chat").model.inFlight).toBe(0);
    expect(gateway.models.down("chat")).toBe(false);
  });
});

describe("POST /api/chat as a stream", () => {
  /** How often JSON is parsed and written while an answer of so many chunks passes. */
  async function json(path: string, body: object, chunks: number) {
    const words = Array.from({ length: chunks }, (_, index) => ` ${index}`);
    const bytes = [...words.map((word) => chunk(word)), ending(chunks)].join("");
    const { gateway } = await opened.behind((_asked, response) => void response.end(bytes));
    const parse = jest.spyOn(JSON, "parse");
    const stringify = jest.spyOn(JSON, "stringify");
    try {
      const text = await (await gateway.post(path, { ...body, stream: true })).text();
      expect(text.split("data: ").length - 1).toBeGreaterThanOrEqual(chunks);
      return { parsed: parse.mock.calls.length, written: stringify.mock.calls.length };
    } finally {
      parse.mockRestore();
      stringify.mockRestore();
    }
  }

  it("parses each chunk once to check it and writes none anew, however many there are", async () => {
    const body = { messages: PROMPT };
    const few = await json(TASKS.chat.path, body, 3);
    const many = await json(TASKS.chat.path, body, 300);
    expect(many).toEqual({ parsed: few.parsed + 297, written: few.written });
  });

  it("writes every chunk anew where the text is read, which the counter sees", async () => {
    const { parsed, written } = await json(TASKS.news.path, { text: "An article.", language: "en" }, 300);
    expect(parsed).toBeGreaterThan(300);
    expect(written).toBeGreaterThan(300);
  });

  it("passes each event on when it is whole, and not before", async () => {
    const event = Buffer.from(chunk(" 세계"));
    // In the middle of a syllable.
    const middle = event.indexOf(Buffer.from("세")) + 1;
    let goOn = async () => {};
    const { gateway } = await opened.behind(async (_asked, response) => {
      await send(response, chunk("Hello"));
      goOn = async () => {
        response.write(event.subarray(0, middle));
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.end(Buffer.concat([event.subarray(middle), Buffer.from(ending(2))]));
      };
    });
    const { next, rest } = pieces(await gateway.post(TASKS.chat.path, { messages: PROMPT }));
    expect(await next()).toBe(chunk("Hello"));
    await goOn();
    expect(await rest()).toBe(chunk(" 세계") + ending(2));
  });
});
