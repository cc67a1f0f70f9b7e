import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { NEWS_BODY, TIL_BODY } from "../support/bodies";
import { type EngineOptions, say, startEngine } from "../support/engine";
import { startGateway } from "../support/gateway";
import { parseEvents, textOfEvents } from "../support/sse";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A gateway before an engine that answers as given. */
async function start(answer: (response: ServerResponse, attempt: number) => void, models?: EngineOptions["models"]) {
  const engine = await startEngine((_asked, response, attempt) => answer(response, attempt), {
    ...(models && { models }),
  });
  closing.push(engine.close);
  const gateway = await startGateway({ baseUrl: engine.baseUrl, unnamed: models !== undefined });
  closing.push(gateway.close);
  return { engine, gateway };
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: string, finish: string | null = null) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

/** Streams a text in pieces of three characters. */
function stream(response: ServerResponse, text: string, finish = "stop"): void {
  const pieces = text.match(/[\s\S]{1,3}/g) ?? [];
  response.setHeader("content-type", "text/event-stream");
  response.end(`${pieces.map((piece) => delta(piece)).join("")}${delta("", finish)}data: [DONE]\n\n`);
}

const storedSchema = z.looseObject({ title: z.string(), keywords: z.array(z.string()) });

/** What a client saw of a streamed TIL: its text, and what is stored; undefined where it ended with an error. */
async function streamedTil(gateway: Awaited<ReturnType<typeof start>>["gateway"]) {
  const body = await (await gateway.post("/til", { ...TIL_BODY, stream: true })).text();
  const stored = /^event: stored\ndata: (.*)$/m.exec(body)?.[1];
  return {
    body,
    text: textOfEvents(parseEvents(body)),
    stored: stored === undefined ? undefined : storedSchema.parse(JSON.parse(stored)),
  };
}

const MARKDOWN = "# Redis locks\n\nSET with NX takes a lock.\n\nKeywords: Redis, lock";
const JSON_TIL = JSON.stringify({ title: "Redis locks", content: "SET with NX.", keywords: ["Redis"] });
const DRAFT = '{"title":"DRAFT","content":"DRAFT","keywords":["DRAFT"]}';

describe("POST /til whose model reasons in its answer", () => {
  it.each([
    ["between tags", `<think>\nPerhaps ${DRAFT}?\n</think>\n\n${JSON_TIL}`],
    ["between tags, in one line", `<think>${DRAFT}</think>${JSON_TIL}`],
    ["before a closing tag alone", `Perhaps ${DRAFT}?\n</think>\n\n${JSON_TIL}`],
    ["between other tags", `[THINK]${DRAFT}[/THINK]\n${JSON_TIL}`],
  ])("returns the answer and not the draft: %s", async (_, answer) => {
    const { gateway } = await start((response) => say(response, answer));
    expect(await (await gateway.post("/til", TIL_BODY)).json()).toMatchObject({ title: "Redis locks" });
  });

  it("repairs an answer that is cut off inside its reasoning, and refuses the second one", async () => {
    const { engine, gateway } = await start((response) => stream(response, `<think>\n${DRAFT} and on`, "length"));
    expect((await gateway.post("/til", TIL_BODY)).status).toBe(502);
    expect(engine.asked).toHaveLength(2);
  });

  it.each(["<think>\nDRAFT\n</think>\n\n", "<reasoning>DRAFT</reasoning>", "\n◁think▷DRAFT◁/think▷ "])(
    "shows and stores nothing of it in a stream: %j",
    async (reasoning) => {
      const { gateway } = await start((response) => stream(response, reasoning + MARKDOWN));
      const { text, stored, body } = await streamedTil(gateway);
      expect(body).not.toContain("DRA");
      expect(text).toBe(MARKDOWN);
      expect(stored).toMatchObject({ title: "Redis locks", keywords: ["Redis", "lock"] });
    },
  );

  it("never shows it where the template of the model is known to open it in the prompt", async () => {
    const models = [{ id: "Qwen3-4B-Thinking-2507" }];
    const { gateway } = await start((response) => stream(response, `DRAFT\n</think>\n\n${MARKDOWN}`), models);
    const { text, stored, body } = await streamedTil(gateway);
    expect(body).not.toContain("DRA");
    expect(text).toBe(MARKDOWN);
    expect(stored).toMatchObject({ title: "Redis locks" });
  });

  it("refuses the first such answer of an unknown model, and shows nothing of the next ones", async () => {
    const { gateway } = await start((response) => stream(response, `DRAFT\n</think>\n\n${MARKDOWN}`));
    const first = await streamedTil(gateway);
    expect(first.stored).toBeUndefined();
    expect(first.body).toContain("ENGINE_BAD_REPLY");
    expect(await streamedTil(gateway)).toMatchObject({ text: MARKDOWN, stored: { title: "Redis locks" } });
  });

  it("streams again once an answer shows that the model does not", async () => {
    const { gateway } = await start((response, attempt) => {
      stream(response, attempt === 1 ? `Tags end a line with\n</think>\n${MARKDOWN}` : MARKDOWN);
    });
    await streamedTil(gateway);
    expect((await streamedTil(gateway)).text).toBe(MARKDOWN);
    const { body, text } = await streamedTil(gateway);
    expect(text).toBe(MARKDOWN);
    expect(parseEvents(body).length).toBeGreaterThan(10);
  });

  it("ends with an error where the reasoning takes the whole answer", async () => {
    const { gateway } = await start((response) => stream(response, "<think>DRAFT", "length"));
    const { body, stored } = await streamedTil(gateway);
    expect(stored).toBeUndefined();
    expect(body).toContain("ENGINE_BAD_REPLY");
    expect(body).not.toContain("DRA");
  });

  it("leaves a text about such tags alone", async () => {
    const about = "# Tags\n\nA model closes `</think>` itself:\n\n```\nwait\n</think>\nanswer\n```\n\nKeywords: tags";
    const { gateway } = await start((response) => stream(response, about));
    expect(await streamedTil(gateway)).toMatchObject({ text: about, stored: { title: "Tags", keywords: ["tags"] } });
  });
});

describe("POST /til whose Markdown is in a fence", () => {
  it.each(["```markdown\n", "```md\n", "```\n", "~~~\n"])("keeps title and keywords: %j", async (fence) => {
    const code = "# Redis locks\n\n```ts\nconst a = 1;\n```\n\nKeywords: Redis, lock";
    const { gateway } = await start((response) => stream(response, `${fence}${code}\n${fence.slice(0, 3)}\n`));
    expect((await streamedTil(gateway)).stored).toMatchObject({ title: "Redis locks", keywords: ["Redis", "lock"] });
  });

  it("leaves a block of code at the beginning alone", async () => {
    const text = "```\nnpm ci\n```\n\nKeywords: npm";
    const { gateway } = await start((response) => stream(response, text));
    expect((await streamedTil(gateway)).stored).toMatchObject({
      title: "Cache cart totals in Redis",
      keywords: ["npm"],
    });
  });
});

describe("POST /news with max_sentences", () => {
  it("counts no abbreviation as a sentence", async () => {
    const summary = "U.S. regulators approved the deal on Monday. Shares of Acme Inc. rose by 3.5 %. It closes soon.";
    const { gateway } = await start((response) =>
      say(response, JSON.stringify({ summary, bullets: [], keywords: [] })),
    );
    for (const [count, expected] of [
      [1, "U.S. regulators approved the deal on Monday."],
      [2, "U.S. regulators approved the deal on Monday. Shares of Acme Inc. rose by 3.5 %."],
    ] as const) {
      const response = await gateway.post("/news", { ...NEWS_BODY, max_sentences: count });
      expect(await response.json()).toMatchObject({ summary: expected });
    }
  });
});

describe("An engine that sends an error in a chunk with choices", () => {
  it.each([
    ["a text", { error: "CUDA out of memory" }],
    ["an object", { error: { message: "CUDA out of memory" } }],
  ])("ends the stream with an error event, and its words are not passed on: %s", async (_, error) => {
    const { gateway } = await start((response) => {
      response.setHeader("content-type", "text/event-stream");
      const chunk = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], ...error });
      response.end(`${delta("SET with NX")}${chunk}data: [DONE]\n\n`);
    });
    for (const [path, body] of [
      ["/til", { ...TIL_BODY, stream: true }],
      ["/news", { ...NEWS_BODY, stream: true }],
      ["/api/chat", { messages: [{ role: "user", content: "a" }] }],
    ] as const) {
      const text = await (await gateway.post(path, body)).text();
      expect({ path, text }).toMatchObject({ text: expect.stringContaining("ENGINE_BAD_REPLY") });
      expect(text).not.toMatch(/CUDA|^event: stored|\[DONE\]/m);
    }
  });
});

describe("An engine whose last chunks are not vLLM's", () => {
  const LAST: readonly (readonly [string, string])[] = [
    ["without delta", event({ choices: [{ index: 0, finish_reason: "stop" }] })],
    ["with delta null", event({ choices: [{ index: 0, delta: null, finish_reason: "stop" }] })],
    ["with usage null", event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: null })],
    [
      "with usage of nulls",
      delta("", "stop") +
        event({ choices: [], usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null } }),
    ],
    ["with usage that is no object", delta("", "stop") + event({ choices: [], usage: "none" })],
    ["with choices null", delta("", "stop") + event({ choices: null, usage: { prompt_tokens: 3 } })],
  ];

  it.each(LAST)("has its finished answer used: %s", async (_, last) => {
    const { gateway } = await start((response) => {
      response.setHeader("content-type", "text/event-stream");
      response.end(`${delta("SET with NX takes a lock.")}${last}data: [DONE]\n\n`);
    });
    for (const [path, body] of [
      ["/news", { ...NEWS_BODY, stream: true }],
      ["/api/chat", { messages: [{ role: "user", content: "a" }] }],
      ["/api/chat", { messages: [{ role: "user", content: "a" }], stream: false }],
    ] as const) {
      const response = await gateway.post(path, body);
      const text = await response.text();
      expect({ path, status: response.status, text }).toMatchObject({ status: 200 });
      expect(text).toContain("SET with NX takes a lock.");
      expect(text).not.toContain("event: error");
    }
  });
});
