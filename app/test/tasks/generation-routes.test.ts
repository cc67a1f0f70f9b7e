import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { INTERVIEW_BODY, NEWS_BODY, PATCH, TIL_BODY } from "../support/bodies";
import { startSimulatedGateway } from "../support/gateway";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway();
});
afterAll(() => gateway.close());

const usage = z.strictObject({
  prompt_tokens: z.int().positive(),
  completion_tokens: z.int().positive(),
  total_tokens: z.int().positive(),
});
/** Fields of a simulator's answer with no adapter, on an instance that is not degraded. */
const answered = {
  model: z.literal("m"),
  simulated: z.literal(true),
  fallback: z.literal(false),
  adapter: z.null(),
  adapter_fallback: z.literal(false),
  degraded: z.literal(false),
  usage,
};
const tilSchema = z.strictObject({
  // There is no database here: the text has the warning that it is not kept.
  id: z.null(),
  user: z.string(),
  date: z.string(),
  domain: z.enum(["commit", "paper", "note"]),
  repo: z.array(z.string()),
  title: z.string(),
  content: z.string(),
  keywords: z.array(z.string()).min(1).max(10),
  sources: z.tuple([]),
  skipped: z.array(z.unknown()),
  redacted: z.record(z.string(), z.int()),
  warnings: z.array(z.string()),
  ...answered,
});
const newsSchema = z.strictObject({
  title: z.string().optional(),
  summary: z.string(),
  bullets: z.array(z.string()).min(1),
  keywords: z.array(z.string()),
  ...answered,
});
const interviewSchema = z.looseObject({
  warnings: z.array(z.string()),
  questions: z.array(
    z.strictObject({
      question: z.string(),
      answer: z.string(),
      difficulty: z.int().min(1).max(3),
      source_ids: z.tuple([]),
      similarity: z.number().min(-1).max(1),
    }),
  ),
  ...answered,
});

/** Ten sentences about ten things. */
const LONG_TIL = [
  "Redis SET with NX takes a lock.",
  "PostgreSQL keeps rows in heap pages.",
  "Kubernetes drains a node before an upgrade.",
  "Terraform plans compare state with configuration.",
  "Prometheus scrapes every fifteen seconds.",
  "Nginx buffers answers unless told otherwise.",
  "Fastify validates bodies by schema.",
  "Qdrant filters payloads during search.",
  "Lua scripts run without interruption.",
  "Chromium renders pages without a screen.",
].join(" ");

async function ask<T extends z.ZodType>(path: string, body: unknown, schema: T): Promise<z.output<T>> {
  const response = await gateway.post(path, body);
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status: 200 });
  return schema.parse(JSON.parse(text));
}

describe("POST /til", () => {
  it("writes about what the commits changed, in Korean by default", async () => {
    const til = await ask("/til", TIL_BODY, tilSchema);
    expect(til).toMatchObject({
      user: "jimin",
      date: "2026-11-20",
      repo: ["shop-api"],
      title: "Cache cart totals in Redis",
    });
    expect(til.content).toContain("## 오늘 한 일");
    expect(til.content).toContain("`src/cart.ts`");
    expect(til.content).toContain("`cartTotal`");
    expect(til.keywords).toContain("Redis");
  });

  it("answers in English", async () => {
    const til = await ask("/til", { ...TIL_BODY, language: "en" }, tilSchema);
    expect(til.content).toContain("## What I did");
    expect(til.content).not.toMatch(/[가-힣]/);
  });

  it("answers `POST /generate_til` (R-38) with the same body", async () => {
    const [one, other] = await Promise.all([
      ask("/til", TIL_BODY, tilSchema),
      ask("/generate_til", TIL_BODY, tilSchema),
    ]);
    expect(other).toEqual(one);
  });

  it("reads commits as well as files, and today's date where none is given", async () => {
    const commits = [{ message: "Cache cart totals in Redis", files: [{ filepath: "src/cart.ts", patch: PATCH }] }];
    const til = await ask("/til", { user: "jimin", repo: [{ name: "shop-api", commits }] }, tilSchema);
    expect(til.content).toContain("`cartTotal`");
    expect(til.date).toBe(new Date().toISOString().slice(0, 10));
  });

  it("keeps every commit that has only a message", async () => {
    const commits = [{ message: "Tune the pool" }, { message: "Drop the cache" }];
    const til = await ask("/til", { user: "jimin", repo: [{ name: "a", commits }] }, tilSchema);
    expect(til.content).toContain("Tune the pool");
    expect(til.content).toContain("Drop the cache");
  });
});

describe("POST /news", () => {
  it("returns at most `max_sentences` sentences", async () => {
    for (const max_sentences of [1, 2]) {
      const news = await ask("/news", { ...NEWS_BODY, max_sentences }, newsSchema);
      expect(news.summary.match(/\./g)).toHaveLength(max_sentences);
      expect(NEWS_BODY.text).toContain(news.bullets[0]);
    }
  });

  it("returns the title of the request", async () => {
    expect(await ask("/news", { ...NEWS_BODY, title: "A move" }, newsSchema)).toMatchObject({ title: "A move" });
  });
});

describe("POST /interview", () => {
  it("returns `count` different questions", async () => {
    for (const count of [1, 3, 5]) {
      const { questions, warnings } = await ask(
        "/interview",
        { ...INTERVIEW_BODY, til: LONG_TIL, count },
        interviewSchema,
      );
      expect(new Set(questions.map((entry) => entry.question)).size).toBe(count);
      expect(warnings).toEqual([]);
    }
  });

  it("defaults to three questions, and returns level and category", async () => {
    const body = { ...INTERVIEW_BODY, category: "Databases", level: 3 };
    const answer = await ask("/interview", body, interviewSchema);
    expect(answer.questions).toHaveLength(3);
    expect(answer).toMatchObject({ level: 3, category: "Databases" });
  });
});
