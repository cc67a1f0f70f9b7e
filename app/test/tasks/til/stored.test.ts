import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { openLanceStore } from "../../../src/retrieval/lance-store";
import type { VectorStore } from "../../../src/retrieval/vector-store";
import type { Database } from "../../../src/stores/postgres/database";
import { TilStore } from "../../../src/tasks/shared/til-store";
import { TilLibrary } from "../../../src/tasks/til/til-library";
import { TIL_BODY } from "../../support/bodies";
import { type RunningGateway, startSimulatedGateway } from "../../support/gateway";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { testRetrieval } from "../../support/retrieval";

let folder: string;
let postgres: TestPostgres;
let database: Database;
let vectors: VectorStore;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-tils-"));
  postgres = await startPostgres();
  ({ database } = await postgres.create());
  vectors = await openLanceStore(folder);
  gateway = await startSimulatedGateway({ stores: { database }, retrieval: testRetrieval({ store: vectors }) });
});
afterAll(async () => {
  await gateway.close();
  await vectors.close();
  await postgres.close();
  await rm(folder, { recursive: true });
});

const tilSchema = z.looseObject({
  id: z.uuid(),
  title: z.string(),
  keywords: z.array(z.string()),
  sources: z.array(z.object({ id: z.uuid(), title: z.string(), date: z.string(), score: z.number() })),
  warnings: z.tuple([]),
  explain: z
    .looseObject({
      retrieval: z.string(),
      embedder: z.string(),
      retrieved: z.array(z.looseObject({ id: z.string() })),
      prompt_version: z.literal("v2"),
      prompt_tokens: z.int().positive(),
    })
    .optional(),
});
const interviewSchema = z.looseObject({
  questions: z.array(z.looseObject({ question: z.string(), source_ids: z.array(z.string()), similarity: z.number() })),
});

async function ask<T extends z.ZodType>(path: string, body: unknown, schema: T): Promise<z.output<T>> {
  const response = await gateway.post(path, body);
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status: 200 });
  return schema.parse(JSON.parse(text));
}

const til = (body: unknown, query = "") => ask(`/til${query}`, body, tilSchema);

it("TilLibrary stores and indexes texts with U+0000 or half an emoji, replaced by U+FFFD", async () => {
  const store = new TilStore(database);
  const indexed: unknown[] = [];
  const index = { add: async (note: unknown) => void indexed.push(note) };
  const errors: unknown[] = [];
  const library = new TilLibrary({ store, index, onError: (_what, cause) => errors.push(cause) });
  const id = randomUUID();
  const common = {
    date: "2026-11-20",
    domain: "commit",
    language: "en",
    repos: [],
    model: "m",
    adapter: null,
    truncated: false,
  } as const;
  const texts = { title: "a\u0000", content: "\ud83db 😀", keywords: ["c\u0000"] };
  await library.keep({ ...common, ...texts, id, user: "marks" });
  expect(errors).toEqual([]);
  const marked = { title: "a\ufffd", content: "\ufffdb 😀", keywords: ["c\ufffd"] };
  expect(await store.find(id, "marks")).toMatchObject(marked);
  expect(indexed).toMatchObject([{ id, text: "a\ufffd\n\n\ufffdb 😀\n\nc\ufffd" }]);
});

describe.each(["ko", "en"] as const)("POST /til in %s", (language) => {
  const user = `kim-${language}`;
  const body = { ...TIL_BODY, user, language };

  it("stores a TIL that the next one on the same subject finds", async () => {
    const first = await til(body, "?explain=true");
    expect(first.sources).toEqual([]);
    expect(first.explain).toMatchObject({ retrieval: "empty", embedder: "hashed-ngrams-v1" });
    const row = await database.sql.selectFrom("tils").selectAll().where("id", "=", first.id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      user_name: user,
      date: "2026-11-20",
      domain: "commit",
      language,
      repos: ["shop-api"],
      model: "m",
    });
    expect(row.title).toBe(first.title);

    const second = await til(body, "?explain=true");
    expect(second.sources.map((source) => source.id)).toEqual([first.id]);
    expect(second.sources[0]).toMatchObject({ title: first.title, date: "2026-11-20" });
    expect(second.explain).toMatchObject({ retrieval: "used", retrieved: [{ id: first.id, in_prompt: true }] });
  });

  it("finds no TIL of another user, repository, language or domain", async () => {
    await til(body);
    const others = [
      { ...body, user: `lee-${language}` },
      { ...body, repo: [{ ...TIL_BODY.repo[0], name: "another" }] },
      { ...body, language: language === "ko" ? "en" : "ko", user },
      { user, language, domain: "note", title: "Cache cart totals in Redis", text: "Cache cart totals in Redis." },
    ];
    for (const other of others) expect((await til(other)).sources).toEqual([]);
    expect((await til(body)).sources).not.toEqual([]);
  });

  it("gives questions of /interview their material: one TIL by its id, or the newest", async () => {
    const { id } = await til({ ...body, user: `park-${language}` });
    const byId = await ask("/interview", { user: `park-${language}`, til_id: id, language, count: 2 }, interviewSchema);
    expect(byId.questions).toHaveLength(2);
    for (const question of byId.questions) expect(question.source_ids).toEqual([id]);
    const stored = await ask(
      "/interview",
      { user: `park-${language}`, category: "Redis", language, count: 1 },
      interviewSchema,
    );
    expect(stored.questions[0]?.source_ids).toEqual([id]);
  });
});

describe("POST /til with a text", () => {
  it.each(["paper", "note"])("writes a TIL of domain %s", async (domain) => {
    const text = "Attention lets each token look at every other. The cost is quadratic in length.";
    const answer = await til({ user: "choi", domain, title: "Attention", text, language: "en" });
    expect(answer).toMatchObject({ domain, repo: [] });
    const row = await database.sql.selectFrom("tils").selectAll().where("id", "=", answer.id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ domain, repos: [] });
  });
});

describe("POST /til as a stream", () => {
  it("sends its sources first, and stores the TIL when it is complete", async () => {
    const user = "yoon";
    const { id: earlier } = await til({ ...TIL_BODY, user });
    const response = await gateway.post("/til", { ...TIL_BODY, user, stream: true });
    const blocks = (await response.text()).split("\n\n").filter((block) => block !== "");
    const named = blocks.filter((block) => block.startsWith("event: ")).map((block) => block.split("\n"));
    expect(named.map(([name]) => name)).toEqual(["event: sources", "event: stored"]);
    expect(blocks[0]).toMatch(/^event: sources/);
    expect(blocks.at(-2)).toMatch(/^event: stored/);
    expect(blocks.at(-1)).toBe("data: [DONE]");
    const [sources, stored] = named.map(([, data = ""]) =>
      z.looseObject({ id: z.uuid() }).parse(JSON.parse(data.slice(6))),
    );
    expect(sources).toMatchObject({ sources: [{ id: earlier }], adapter: null, degraded: false });
    expect(stored).toMatchObject({ id: sources?.id, title: "Cache cart totals in Redis", warnings: [] });
    const row = await database.sql
      .selectFrom("tils")
      .selectAll()
      .where("id", "=", stored?.id ?? "")
      .executeTakeFirstOrThrow();
    expect(row.content).toContain("## 오늘 한 일");
    expect(row.content).not.toMatch(/^# |핵심어:/m);
    expect(row.keywords).toContain("Redis");
  });
});

describe("POST /interview about stored TILs", () => {
  it("answers 404 where the user has none of that id, or none at all", async () => {
    const { id } = await til({ ...TIL_BODY, user: "owner" });
    for (const [body, code] of [
      [{ user: "thief", til_id: id }, "UNKNOWN_TIL"],
      [{ user: "owner", til_id: "5f0c9ad5-1d92-4d0c-9b64-000000000000" }, "UNKNOWN_TIL"],
      [{ user: "nobody" }, "NO_TILS"],
    ] as const) {
      const response = await gateway.post("/interview", body);
      expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 404, body: { code } });
    }
  });
});
