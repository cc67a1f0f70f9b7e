import { afterEach, describe, expect, it } from "@jest/globals";
import { singleModelTable } from "../../../src/config/model-table";
import { PATHS } from "../../../src/contract/endpoints";
import { TASKS } from "../../../src/contract/tasks";
import { stream } from "../../engines/client/pool";
import { parseEvents, textOfEvents } from "../../support/sse";
import { Opened, PROMPT } from "./chat-gateway";

const opened = new Opened();
afterEach(() => opened.close());

/** A gateway whose tasks are answered by two models; news under an adapter and cold, chats by the larger one. */
async function twoModels() {
  const large = await opened.engine((_asked, response) => stream(response, "large"));
  const small = await opened.engine((_asked, response) => stream(response, "small"));
  const til = { baseUrl: large.baseUrl, model: "large", concurrency: 2, contextTokens: 4_096 };
  const news = {
    baseUrl: small.baseUrl,
    model: "small",
    concurrency: 2,
    adapter: "news-v1",
    temperature: 0,
    maxTokens: 9,
  };
  const table = { ...singleModelTable(til), news, interview: { ...til, fallback: "news" as const } };
  return { large, small, gateway: await opened.gateway({ baseUrl: large.baseUrl, models: { table } }) };
}

describe("GET /api/models", () => {
  it("lists the models that a chat may name, and which one `current` is", async () => {
    const { gateway } = await twoModels();
    const response = await fetch(gateway.url + PATHS.chatModels);
    const common = { object: "model", created: expect.any(Number), owned_by: "terrace", available: true };
    expect(await response.json()).toEqual({
      object: "list",
      data: [
        { ...common, id: "current", root: "large", max_model_len: 4_096 },
        { ...common, id: "large", root: "large", max_model_len: 4_096 },
        { ...common, id: "small", root: "small", max_model_len: null },
      ],
    });
  });

  it.each([
    ["current", "large"],
    ["large", "large"],
    ["small", "small"],
  ])("serves a chat with %s by %s", async (model, answers) => {
    const { gateway } = await twoModels();
    const response = await gateway.post(TASKS.chat.path, { model, messages: PROMPT });
    expect(textOfEvents(parseEvents(await response.text()))).toBe(answers);
  });

  it("lets a chat use a model without the adapter and the settings of its task", async () => {
    const { small, gateway } = await twoModels();
    await (await gateway.post(TASKS.chat.path, { model: "small", messages: PROMPT, temperature: 1 })).text();
    expect(small.asked[0]?.body).toMatchObject({ model: "small", temperature: 1, max_tokens: 1_024 });
    const page = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(page).toContain('gateway_ttft_seconds_count{task="chat",model="small"} 1');
  });

  it.each([TASKS.chat.path, TASKS.chat.aliases[0]])(
    "leaves 404 for any other model, degraded or not: %s",
    async (path) => {
      const { gateway } = await twoModels();
      const ask = () => gateway.post(path, { model: "gpt-4", messages: PROMPT });
      for (const degraded of [false, true]) {
        if (degraded) gateway.operations.degraded.enter("operator");
        const response = await ask();
        expect([response.status, await response.json()]).toMatchObject([404, { code: "UNKNOWN_MODEL" }]);
      }
    },
  );
});

describe("POST /api/chat on a degraded instance", () => {
  async function degraded() {
    const { engine, gateway } = await opened.behind((_asked, response) => stream(response, "from the model"));
    gateway.operations.degraded.enter("operator", "maintenance");
    return { engine, gateway };
  }

  it("answers a new chat with a set sentence that is marked as such, streamed or not, in either language", async () => {
    const { engine, gateway } = await degraded();
    const streamed = await gateway.post(TASKS.chat.path, { messages: PROMPT });
    const text = await streamed.text();
    expect(streamed.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(text).toContain('"degraded":true');
    expect(textOfEvents(parseEvents(text))).toMatch(/^Only the most important/);
    expect(parseEvents(text).at(-1)?.done).toBe(true);
    const korean = { headers: { "accept-language": "ko" } };
    const whole = await gateway.post(TASKS.chat.aliases[0], { messages: PROMPT }, korean);
    expect(await whole.json()).toMatchObject({
      degraded: true,
      model: null,
      choices: [{ message: { content: expect.stringContaining("몇 분 뒤") }, finish_reason: "stop" }],
      usage: { total_tokens: 0 },
    });
    expect(engine.asked).toHaveLength(0);
  });

  it("serves important chats and those in progress, and refuses the others", async () => {
    const { gateway } = await degraded();
    const progress = [{ role: "user", content: "a" }, { role: "assistant", content: "b" }, ...PROMPT];
    const ask = async (messages: object[], priority?: string) => {
      const headers: Record<string, string> = priority === undefined ? {} : { "x-priority": priority };
      const response = await gateway.post(TASKS.chat.path, { messages }, { headers });
      return [response.status, response.headers.get("retry-after"), (await response.text()).includes("from the model")];
    };
    expect(await ask(PROMPT, "high")).toEqual([200, null, true]);
    expect(await ask(progress)).toEqual([200, null, true]);
    expect(await ask(progress, "normal")).toEqual([200, null, false]);
    expect(await ask(PROMPT, "low")).toEqual([503, "30", false]);
  });
});
