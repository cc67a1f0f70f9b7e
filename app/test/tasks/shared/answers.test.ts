import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { describeWith } from "../../../../testing/programs";
import { readConfig } from "../../../src/config/config";
import { Coordination } from "../../../src/stores/coordination/coordination";
import { MemoryCoordinationStore } from "../../../src/stores/coordination/memory-store";
import { openCoordination } from "../../../src/stores/coordination/open-coordination";
import { INTERVIEW_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { say, startEngine, TIL_ANSWER } from "../../support/engine";
import { type GatewayOptions, startGateway } from "../../support/gateway";
import { startRedis } from "../../support/redis";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A gateway before an engine that gives these answers in turn, and then the last one again. */
async function start(answers: readonly string[], options: Partial<GatewayOptions> = {}) {
  const engine = await startEngine((_asked, response, attempt) =>
    say(response, answers[Math.min(attempt, answers.length) - 1] ?? ""),
  );
  closing.push(engine.close);
  const gateway = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closing.push(gateway.close);
  return { engine, gateway };
}

const NEWS_ANSWER = JSON.stringify({ summary: "One. Two.", bullets: ["One."], keywords: ["one"] });
const questions = (...list: readonly (readonly [string, string])[]) =>
  JSON.stringify({ questions: list.map(([question, answer]) => ({ question, answer, difficulty: 2 })) });

const anySchema = z.looseObject({ usage: z.looseObject({ total_tokens: z.int() }) });

describe("ResponseCache of POST /news", () => {
  /** Two gateways before one engine, over one coordination. */
  async function twice(coordination: Coordination) {
    const stores = { coordination, cacheTtlSeconds: 60 };
    const { engine, gateway } = await start([NEWS_ANSWER], { stores });
    const other = await startGateway({ baseUrl: engine.baseUrl, stores });
    closing.push(other.close);
    const first = await gateway.post("/news", NEWS_BODY);
    const made = anySchema.parse(await first.json());
    const second = await other.post("/news", NEWS_BODY);
    const cached = anySchema.parse(await second.json());
    return { engine, results: [first, second].map((response) => response.headers.get("x-cache")), made, cached };
  }

  it("answers an equal request without the engine, with X-Cache: HIT", async () => {
    const store = new MemoryCoordinationStore();
    const { engine, results, made, cached } = await twice(
      new Coordination({ store, lockTtlSeconds: 60, lockRequired: false }),
    );
    expect(results).toEqual(["MISS", "HIT"]);
    expect(engine.asked).toHaveLength(1);
    expect({ ...cached, usage: undefined }).toEqual({ ...made, usage: undefined });
    expect([made.usage.total_tokens, cached.usage.total_tokens]).toEqual([15, 0]);
  });

  describeWith(["redis-server"], "in a real Redis", () => {
    it("is shared by gateways, and without Redis every answer is a miss", async () => {
      const redis = await startRedis();
      closing.push(redis.close);
      const coordination = await openCoordination({
        stores: readConfig({ REDIS_URL: redis.url }).stores,
        metadataUrl: "http://127.0.0.1:1",
        onState: () => {},
        onProgress: () => {},
      });
      closing.push(() => coordination.close());
      expect((await twice(coordination)).results).toEqual(["MISS", "HIT"]);
      await redis.kill();
      expect((await twice(coordination)).results).toEqual(["MISS", "MISS"]);
    });
  });

  it("keeps languages, lengths and texts apart", async () => {
    const { engine, gateway } = await start([NEWS_ANSWER], { stores: { cacheTtlSeconds: 60 } });
    const bodies = [
      NEWS_BODY,
      { ...NEWS_BODY, language: "ko" },
      { ...NEWS_BODY, max_sentences: 1 },
      { ...NEWS_BODY, title: "t" },
    ];
    for (const body of bodies) expect((await gateway.post("/news", body)).headers.get("x-cache")).toBe("MISS");
    expect(engine.asked).toHaveLength(bodies.length);
  });

  it("is bypassed by streams, TILs and interviews, which differ on purpose", async () => {
    const { gateway } = await start([NEWS_ANSWER, TIL_ANSWER, questions(["a?", "b"], ["c?", "d"], ["e?", "f"])], {
      stores: { cacheTtlSeconds: 60 },
    });
    for (const [path, body] of [
      ["/news", { ...NEWS_BODY, stream: true }],
      ["/til", TIL_BODY],
      ["/interview", INTERVIEW_BODY],
    ] as const) {
      const response = await gateway.post(path, body);
      expect({ path, status: response.status, cache: response.headers.get("x-cache") }).toEqual({
        path,
        status: 200,
        cache: "BYPASS",
      });
      await response.arrayBuffer();
    }
  });
});

describe("POST /interview whose questions repeat each other", () => {
  const ONE = [
    "How does a Redis lock expire by itself?",
    "SET takes EX seconds, after which Redis deletes the key.",
  ] as const;
  const AGAIN = [
    "How does a lock in Redis expire by itself?",
    "SET takes EX seconds, and Redis deletes the key after them.",
  ] as const;
  const TWO = [
    "Why is a Lua script used to release it?",
    "Comparing the owner and deleting must happen as one step.",
  ] as const;
  const schema = z.looseObject({
    questions: z.array(z.looseObject({ question: z.string() })),
    warnings: z.array(z.string()),
    usage: z.looseObject({ total_tokens: z.int() }),
  });

  it("calls the model once more with the questions that are kept", async () => {
    const { engine, gateway } = await start([questions(ONE, AGAIN), questions(TWO)]);
    const answer = schema.parse(await (await gateway.post("/interview", { ...INTERVIEW_BODY, count: 2 })).json());
    expect(answer.questions.map(({ question }) => question)).toEqual([ONE[0], TWO[0]]);
    expect(answer.warnings).toEqual([]);
    expect(answer.usage.total_tokens).toBe(30);
    expect(engine.asked).toHaveLength(2);
    expect(engine.asked[1]?.body.messages[1]?.content).toContain(`- ${ONE[0]}`);
  });

  it("leaves out what still repeats, with the warning FEWER_QUESTIONS", async () => {
    const { engine, gateway } = await start([questions(ONE, AGAIN), questions(AGAIN)]);
    const answer = schema.parse(await (await gateway.post("/interview", { ...INTERVIEW_BODY, count: 2 })).json());
    expect(answer.questions.map(({ question }) => question)).toEqual([ONE[0]]);
    expect(answer.warnings).toEqual(["FEWER_QUESTIONS"]);
    expect(engine.asked).toHaveLength(2);
  });
});

describe("The field adapter", () => {
  it.each(["../../etc/passwd", "a/b", "A", "", "a".repeat(65), "a b", "a\u0000"])(
    "is refused as %j before any call to an engine",
    async (adapter) => {
      const { engine, gateway } = await start([TIL_ANSWER]);
      for (const [path, body] of [
        ["/til", TIL_BODY],
        ["/news", NEWS_BODY],
        ["/interview", INTERVIEW_BODY],
      ] as const) {
        const response = await gateway.post(path, { ...body, adapter });
        expect(response.status).toBe(422);
        expect(await response.json()).toMatchObject({
          code: "VALIDATION_ERROR",
          detail: [{ loc: ["body", "adapter"] }],
        });
      }
      expect(engine.asked).toHaveLength(0);
    },
  );
});

describe("Generation routes on a degraded instance", () => {
  const simple = z.looseObject({
    degraded: z.literal(true),
    model: z.null(),
    usage: z.object({ prompt_tokens: z.literal(0), completion_tokens: z.literal(0), total_tokens: z.literal(0) }),
  });

  it.each(["ko", "en"])(
    "return simple answers in %s without a model, flagged, with secrets hidden",
    async (language) => {
      const { engine, gateway } = await start([TIL_ANSWER]);
      gateway.operations.degraded.enter("operator");
      const secret = `ghp_${"a1B2".repeat(9)}`;
      const repo = [
        {
          name: "shop",
          commits: [{ message: `Rotate ${secret}`, files: [{ filepath: "a.ts", patch: "@@ -1 +1 @@\n+a" }] }],
        },
      ];
      const til = simple.parse(await (await gateway.post("/til", { user: "u", repo, language, stream: true })).json());
      expect(til).toMatchObject({ id: null, warnings: ["SECRETS_REDACTED", "NOT_STORED"] });
      expect(JSON.stringify(til)).not.toContain(secret);
      expect(String(til.content)).toContain("shop/a.ts");
      const plain = simple.parse(await (await gateway.post("/til", { ...TIL_BODY, language })).json());
      expect(plain).toMatchObject({ id: null, warnings: ["NOT_STORED"] });
      const news = simple.parse(
        await (await gateway.post("/news", { ...NEWS_BODY, language, max_sentences: 2 })).json(),
      );
      expect(news.summary).toBe("The team moved to a cluster. The cluster has two GPU nodes.");
      const interview = simple.parse(await (await gateway.post("/interview", { ...INTERVIEW_BODY, language })).json());
      expect(interview.questions).toHaveLength(3);
      expect(engine.asked).toHaveLength(0);
    },
  );

  it("serve requests of high priority, and refuse those of low", async () => {
    const { gateway } = await start([NEWS_ANSWER]);
    gateway.operations.degraded.enter("operator");
    const high = await gateway.post("/news", NEWS_BODY, { headers: { "x-priority": "high" } });
    expect(await high.json()).toMatchObject({ degraded: false, model: "m" });
    const low = await gateway.post("/news", NEWS_BODY, { headers: { "x-priority": "low" } });
    expect(low.status).toBe(503);
    expect(low.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await low.json()).toMatchObject({ code: "DEGRADED" });
  });
});

describe("Generation routes", () => {
  it("accept two request classes", async () => {
    const { gateway } = await start([NEWS_ANSWER]);
    const ask = (value: string) => gateway.post("/news", NEWS_BODY, { headers: { "x-request-class": value } });
    expect((await ask("batch")).status).toBe(200);
    const refused = await ask("urgent");
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ detail: [{ loc: ["headers", "x-request-class"] }] });
  });

  it("accept ?explain=true, and nothing else in the query", async () => {
    const { gateway } = await start([NEWS_ANSWER]);
    expect(await (await gateway.post("/news?explain=true", NEWS_BODY)).json()).toMatchObject({
      explain: { prompt_version: "v2", prompt_tokens: expect.any(Number) },
    });
    expect(await (await gateway.post("/news", NEWS_BODY)).json()).not.toHaveProperty("explain");
    expect((await gateway.post("/news?explian=true", NEWS_BODY)).status).toBe(422);
  });

  it("require the fields of the TIL's domain", async () => {
    const { gateway } = await start([TIL_ANSWER]);
    const text = "Attention.";
    for (const [body, field] of [
      [{ user: "u" }, "repo"],
      [{ user: "u", domain: "paper" }, "text"],
      [{ ...TIL_BODY, text }, "text"],
      [{ ...TIL_BODY, domain: "note", text }, "repo"],
      [{ user: "u", domain: "diary", text }, "domain"],
    ] as const) {
      const response = await gateway.post("/til", body);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ detail: [{ loc: ["body", field] }] });
    }
  });
});

describe("PROMPT_VERSION", () => {
  it("v1 uses the first version's prompts, in one call however much changed", async () => {
    const { engine, gateway } = await start([TIL_ANSWER], { promptVersion: "v1", promptBudgetTokens: 2_000 });
    const files = Array.from({ length: 20 }, (_, index) => ({
      filepath: `src/${index}.ts`,
      patches: [{ commit_message: "m", patch: `@@ -1 +1 @@\n+${"const a = compute(1);".repeat(80)}` }],
    }));
    const response = await gateway.post("/til?explain=true", { ...TIL_BODY, repo: [{ name: "shop", files }] });
    expect(await response.json()).toMatchObject({
      explain: { prompt_version: "v1" },
      warnings: ["CHANGES_TRUNCATED", "NOT_STORED"],
    });
    expect(engine.asked).toHaveLength(1);
  });
});
