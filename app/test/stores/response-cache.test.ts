import { describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import { z } from "zod";
import { Coordination } from "../../src/stores/coordination/coordination";
import { MemoryCoordinationStore } from "../../src/stores/coordination/memory-store";
import { type CacheKey, ResponseCache } from "../../src/stores/response-cache";

const schema = z.object({ summary: z.string() });
const KEY: CacheKey = {
  route: "/news",
  model: "m",
  adapter: null,
  promptVersion: "v1",
  temperature: 0.2,
  params: { maxTokens: 100, language: "ko" },
  prompt: [{ role: "user", content: "뉴스" }],
  user: null,
};

function newCache(ttlSeconds = 60) {
  const coordination = new Coordination({
    store: new MemoryCoordinationStore(),
    lockTtlSeconds: 1,
    lockRequired: false,
  });
  const cache = new ResponseCache({ coordination, ttlSeconds });
  let generated = 0;
  return {
    coordination,
    cache,
    generated: () => generated,
    ask: (key: CacheKey = KEY) =>
      cache.through(key, schema, async () => {
        generated += 1;
        return { summary: `answer ${generated}` };
      }),
  };
}

describe("ResponseCache", () => {
  it("answers an equal request from the cache", async () => {
    const { ask, generated } = newCache();
    expect(await ask()).toEqual({ answer: { summary: "answer 1" }, result: "miss" });
    expect(await ask()).toEqual({ answer: { summary: "answer 1" }, result: "hit" });
    const reordered = { ...KEY, params: { language: "ko", maxTokens: 100 } };
    expect(await ask(reordered)).toMatchObject({ result: "hit" });
    expect(generated()).toBe(1);
  });

  const differing: readonly (readonly [string, Partial<CacheKey>])[] = [
    ["route", { route: "/til" }],
    ["model", { model: "n" }],
    ["adapter's version", { adapter: "jimin-2" }],
    ["prompt's version", { promptVersion: "v2" }],
    ["temperature", { temperature: 0.1 }],
    ["parameters", { params: { maxTokens: 101, language: "ko" } }],
    ["prompt", { prompt: [{ role: "user", content: "뉴스 " }] }],
    ["role", { prompt: [{ role: "system", content: "뉴스" }] }],
    ["user whose material it holds", { user: "jimin" }],
  ];
  it.each(differing)("keeps answers of another %s apart", async (_what, difference) => {
    const { ask } = newCache();
    await ask();
    expect(await ask({ ...KEY, ...difference })).toMatchObject({ answer: { summary: "answer 2" }, result: "miss" });
    expect(await ask()).toMatchObject({ answer: { summary: "answer 1" }, result: "hit" });
  });

  it("does not keep an answer that another model gave in this one's place", async () => {
    const { cache, ask } = newCache();
    const others = await cache.through(
      KEY,
      schema,
      async () => ({ summary: "fallback" }),
      () => false,
    );
    expect(others).toEqual({ answer: { summary: "fallback" }, result: "miss" });
    expect(await ask()).toEqual({ answer: { summary: "answer 1" }, result: "miss" });
  });

  it("never gives one user's material to another", async () => {
    const { ask } = newCache();
    await ask({ ...KEY, user: "jimin" });
    expect(await ask({ ...KEY, user: "sora" })).toMatchObject({ result: "miss" });
  });

  it.each([
    ["above 0.2", 60, { temperature: 0.21 }],
    ["with CACHE_TTL_SECONDS=0", 0, {}],
  ])("lets requests %s by", async (_what, ttlSeconds, difference) => {
    const { ask, generated } = newCache(ttlSeconds);
    for (const _ of [1, 2]) expect(await ask({ ...KEY, ...difference })).toMatchObject({ result: "bypass" });
    expect(generated()).toBe(2);
  });

  it("generates once for equal requests at the same time", async () => {
    const { ask, generated } = newCache();
    const results = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(generated()).toBe(1);
    expect(results.map(({ result }) => result).sort()).toEqual([...Array.from({ length: 19 }, () => "hit"), "miss"]);
  });

  it("lets joined requests generate for themselves when the first one's client leaves", async () => {
    const { cache } = newCache();
    let asked = 0;
    const ask = () =>
      cache.through(KEY, schema, async () => {
        asked += 1;
        if (asked === 1) throw new Error("the client left");
        return { summary: "answer" };
      });
    const [first, second] = await Promise.allSettled([ask(), ask()]);
    expect(first).toMatchObject({ status: "rejected" });
    expect(second).toMatchObject({ status: "fulfilled", value: { answer: { summary: "answer" }, result: "miss" } });
    expect(await ask()).toMatchObject({ result: "hit" });
  });

  it("does not keep failures", async () => {
    const { cache, ask } = newCache();
    await expect(
      cache.through(KEY, schema, async () => {
        throw new Error("no engine");
      }),
    ).rejects.toThrow("no engine");
    expect(await ask()).toMatchObject({ result: "miss" });
  });

  it("counts an entry of another release's shape as a miss", async () => {
    const { cache, ask } = newCache();
    await cache.through(KEY, z.object({ old: z.number() }), async () => ({ old: 1 }));
    expect(await ask()).toMatchObject({ answer: { summary: "answer 1" }, result: "miss" });
  });

  it("counts hits and misses", async () => {
    const { cache, ask } = newCache();
    const registry = new Registry();
    cache.register(registry);
    await ask();
    await ask();
    await ask({ ...KEY, temperature: 1 });
    const text = await registry.metrics();
    for (const result of ["miss", "hit", "bypass"]) {
      expect(text).toContain(`gateway_cache_requests_total{route="/news",result="${result}"} 1`);
    }
  });
});
