import { afterEach, describe, expect, it } from "@jest/globals";
import { INTERVIEW_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { type Asked, say, startEngine, TIL_ANSWER } from "../../support/engine";
import { startGateway } from "../../support/gateway";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const LONG = "Every sentence of this text takes some tokens of the prompt. ".repeat(400);
const PATCH = `@@ -1 +1,400 @@\n${Array.from({ length: 400 }, (_, index) => `+const value${index} = compute(${index});`).join("\n")}`;
const BODIES = {
  "/til": {
    ...TIL_BODY,
    repo: [{ name: "shop", files: [{ filepath: "a.ts", patches: [{ commit_message: "m", patch: PATCH }] }] }],
  },
  "/til as a paper": { user: "u", domain: "paper", text: LONG },
  "/news": { ...NEWS_BODY, text: LONG },
  "/interview": { ...INTERVIEW_BODY, til: LONG, count: 1 },
};
const ANSWERS: Readonly<Record<string, string>> = {
  patch_summary: JSON.stringify({ change_purpose: "p", code_changes: [] }),
  til: TIL_ANSWER,
  news: JSON.stringify({ summary: "s", bullets: [], keywords: [] }),
  interview: JSON.stringify({ questions: [{ question: "q", answer: "a", difficulty: 1 }] }),
};

const lengthOf = ({ body }: Asked) => body.messages.reduce((sum, { content }) => sum + content.length, 0);

/** A gateway before an engine whose tokens are one and a half times what is estimated here. */
async function start(limitChars: number) {
  const engine = await startEngine((asked, response) => {
    if (lengthOf(asked) > limitChars) {
      const message = `This model's maximum context length is 1000 tokens. However, you requested 256 output tokens and your prompt contains at least 1500 input tokens`;
      response.writeHead(400).end(JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } }));
      return;
    }
    const shape = /"name":"(\w+)"/.exec(JSON.stringify(asked.body.response_format))?.[1] ?? "";
    say(response, ANSWERS[shape] ?? "");
  });
  closing.push(engine.close);
  const gateway = await startGateway({ baseUrl: engine.baseUrl, promptBudgetTokens: 2_500, contextBudgetTokens: 0 });
  closing.push(gateway.close);
  return { engine, gateway };
}

describe("generate() with a prompt beyond the engine's context", () => {
  it.each(Object.entries(BODIES))("retries with a shorter prompt: %s", async (path, body) => {
    // Code takes more tokens a character than prose.
    const limit = path === "/til" ? 3_000 : 8_500;
    const { engine, gateway } = await start(limit);
    const response = await gateway.post(path.split(" ")[0] ?? path, body);
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 200 });
    const lengths = engine.asked.map(lengthOf);
    expect(Math.max(...lengths)).toBeGreaterThan(limit);
    expect(lengths.at(-1)).toBeLessThanOrEqual(limit);
    // No more is cut away than must be.
    if (path !== "/til") expect(lengths.at(-1)).toBeGreaterThan(limit / 2);
  });

  it.each(Object.entries(BODIES))("throws 422 where half the budget is still too long: %s", async (path, body) => {
    const { engine, gateway } = await start(900);
    const response = await gateway.post(path.split(" ")[0] ?? path, body);
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ code: "PROMPT_TOO_LONG", detail: expect.stringContaining("1500") });
    expect(text).not.toContain("BadRequestError");
    expect(engine.asked.length).toBeLessThanOrEqual(3);
  });
});

describe("structured() with an answer that is cut off", () => {
  it("allows twice the tokens the second time, and does not show the first answer again", async () => {
    const cut = TIL_ANSWER.slice(0, 20);
    const engine = await startEngine((_asked, response, attempt) => {
      if (attempt > 1) return say(response, TIL_ANSWER);
      const choices = [{ index: 0, message: { role: "assistant", content: cut }, finish_reason: "length" }];
      response.setHeader("content-type", "application/json").end(JSON.stringify({ choices }));
    });
    closing.push(engine.close);
    const gateway = await startGateway({ baseUrl: engine.baseUrl });
    closing.push(gateway.close);
    expect((await gateway.post("/til", TIL_BODY)).status).toBe(200);
    const [first, second] = engine.asked.map(({ body }) => body);
    expect(second?.max_tokens).toBe(2 * (first?.max_tokens ?? 0));
    expect(second?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(JSON.stringify(second?.messages)).not.toContain(JSON.stringify(cut).slice(1, -1));
    expect(second?.messages.at(-1)?.content).toContain("cut off");
  });
});
