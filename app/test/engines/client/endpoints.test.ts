import { afterEach, describe, expect, it } from "@jest/globals";
import { singleModelTable } from "../../../src/config/model-table";
import { chunk, type EngineOptions, say } from "../../support/engine";
import { ManualClock } from "./manual-clock";
import { Closing, call, ending, HELLO, stream } from "./pool";

const opened = new Closing();
afterEach(() => opened.all());

/** An engine that answers on command. */
async function holding(options?: EngineOptions) {
  const finish: (() => void)[] = [];
  const engine = await opened.engine((_asked, response) => {
    response.write(chunk("…"));
    finish.push(() => response.end(ending(1)));
  }, options);
  return { ...engine, finish };
}

/** Resolves when the event loop has had time for whatever is on its way. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("a model's endpoints", () => {
  it("share the load, none beyond its places, and further requests wait", async () => {
    const engines = [await holding(), await holding(), await holding()];
    const { pool } = opened.pool({ baseUrls: engines.map(({ baseUrl }) => baseUrl), concurrency: 2 });
    const model = pool.forTask("til");
    const answers = Array.from({ length: 8 }, () => model.complete(HELLO, call()));
    await until(() => engines.reduce((sum, { asked }) => sum + asked.length, 0) === 6);
    expect(engines.map(({ asked }) => asked.length)).toEqual([2, 2, 2]);
    expect([model.model.inFlight, model.model.waiting, model.model.slots]).toEqual([6, 2, 6]);
    engines[1]?.finish.shift()?.();
    await until(() => engines[1]?.asked.length === 3);
    expect(model.model.waiting).toBe(1);
    for (const { finish } of engines) {
      const timer = setInterval(() => {
        for (const end of finish.splice(0)) end();
      }, 2);
      opened.add({ close: async () => clearInterval(timer) });
    }
    expect(await Promise.all(answers)).toHaveLength(8);
    expect([model.model.inFlight, model.model.waiting]).toEqual([0, 0]);
  });

  it("load adapters one by one, and a call under an adapter names it", async () => {
    const told: [string, unknown][] = [];
    const engine = await opened.engine((_asked, response) => stream(response, "Hi"), {
      models: [{ id: "m" }, { id: "jimin-commit-v2", parent: "m" }],
      others: (path, body, response) => {
        told.push([path, body]);
        response.end("Success");
      },
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl, adapter: "jimin-commit-v2" });
    const { signal } = new AbortController();
    const [endpoint] = pool.hostsOf("m");
    expect(pool.hostsOf("other")).toEqual([]);
    expect(endpoint?.hasAdapter("jimin-commit-v2")).toBe(false);
    expect(await endpoint?.listModels(signal)).toEqual(["m", "jimin-commit-v2"]);
    expect(endpoint?.hasAdapter("jimin-commit-v2")).toBe(true);
    await endpoint?.loadAdapter("jimin-commit-v3", "/adapters/3", signal);
    expect(endpoint?.hasAdapter("jimin-commit-v3")).toBe(true);
    await endpoint?.unloadAdapter("jimin-commit-v2", signal);
    expect(endpoint?.hasAdapter("jimin-commit-v2")).toBe(false);
    expect(told).toEqual([
      ["load_lora_adapter", { lora_name: "jimin-commit-v3", lora_path: "/adapters/3" }],
      ["unload_lora_adapter", { lora_name: "jimin-commit-v2" }],
    ]);
    const model = pool.forTask("til");
    expect(await model.complete(HELLO, call())).toMatchObject({ model: "m", adapter: "jimin-commit-v2" });
    expect(await model.complete(HELLO, { ...call(), adapter: "jimin-commit-v3" })).toMatchObject({
      adapter: "jimin-commit-v3",
    });
    expect(engine.asked.map(({ body }) => body.model)).toEqual(["jimin-commit-v2", "jimin-commit-v3"]);
  });

  it("answer 404 for an adapter that they lost, and no longer count as having it", async () => {
    const engine = await opened.engine((_asked, response) => void response.writeHead(404).end("SECRET"), {
      models: [{ id: "m" }, { id: "a", parent: "m" }],
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const [endpoint] = pool.hostsOf("m");
    await endpoint?.listModels(new AbortController().signal);
    await expect(pool.forTask("til").complete(HELLO, { ...call(), adapter: "a" })).rejects.toMatchObject({
      code: "UNKNOWN_ADAPTER",
      status: 404,
    });
    expect(endpoint?.hasAdapter("a")).toBe(false);
  });
});

describe("ModelEndpoints with DNS discovery", () => {
  /** The same port on three loopback addresses, as the pods of a headless Service have it. */
  async function service() {
    const first = await holding();
    const others = [];
    for (const host of ["127.0.0.2", "127.0.0.3"]) others.push(await holding({ host, port: first.port }));
    return [first, ...others];
  }

  it("adds and removes endpoints with the records; a removed one finishes its requests", async () => {
    const [one, two, three] = await service();
    const records = [["127.0.0.1", "127.0.0.2"], ["127.0.0.3", "127.0.0.2", "127.0.0.2"], [], undefined];
    let looks = 0;
    const clock = new ManualClock();
    const resolve = async (host: string) => {
      expect(host).toBe("engines.test");
      const found = records[Math.min(looks, records.length - 1)];
      looks += 1;
      if (found === undefined) throw new Error("SERVFAIL");
      return found;
    };
    const { pool } = opened.pool(
      { baseUrl: `http://engines.test:${one?.port}/v1`, discovery: "dns", concurrency: 1 },
      { resolve, clock },
    );
    const model = pool.forTask("til");
    await expect(model.complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await pool.start();
    const hosts = () => model.model.endpoints.map(({ id }) => id.split(":")[0]);
    expect(hosts()).toEqual(["127.0.0.1", "127.0.0.2"]);

    const answers = [1, 2, 3].map(() => model.complete(HELLO, call()));
    await until(() => one?.asked.length === 1 && two?.asked.length === 1);
    expect(one?.asked[0]?.headers.host).toBe(`engines.test:${one?.port}`);
    const [, kept] = model.model.endpoints;
    clock.advance(5_000);
    // The third request waited: the new endpoint has a place for it.
    await until(() => three?.asked.length === 1);
    expect(hosts()).toEqual(["127.0.0.2", "127.0.0.3"]);
    expect(model.model.endpoints[0]).toBe(kept);
    expect(model.model.inFlight).toBe(3);
    for (const engine of [one, two, three]) engine?.finish.shift()?.();
    expect((await Promise.all(answers)).map(({ content }) => content)).toEqual(["…", "…", "…"]);

    // Nothing, or no answer, is a fault of the resolver and not of the engines.
    clock.advance(5_000);
    await until(() => looks === 3);
    clock.advance(5_000);
    await until(() => looks === 4);
    expect(hosts()).toEqual(["127.0.0.2", "127.0.0.3"]);
    expect(one?.asked).toHaveLength(1);
  });
});

describe("ModelPool with a fallback model", () => {
  async function two(options: Parameters<Closing["poolOf"]>[1] = {}) {
    const big = await holding();
    const small = await opened.engine((_asked, response) => say(response, "small"));
    const entry = { baseUrl: big.baseUrl, model: "big", concurrency: 1 };
    const fallback = { baseUrl: small.baseUrl, model: "small", concurrency: 4 };
    const table = { ...singleModelTable(entry), news: { ...entry, fallback }, interview: { ...entry, fallback } };
    return { big, small, ...opened.poolOf(table, options) };
  }

  it("answers interviews from the fallback once so many wait, and marks the answer", async () => {
    const { big, pool } = await two({ fallbackQueues: { interview: 2 } });
    const model = pool.forTask("interview");
    const answers = [1, 2, 3].map(() => model.complete(HELLO, call()));
    await until(() => model.model.waiting === 2);
    expect(await model.complete(HELLO, call())).toMatchObject({ content: "small", model: "small", fallback: true });
    // Other tasks wait with the rest.
    const news = pool.forTask("news").complete(HELLO, call());
    await until(() => model.model.waiting === 3);
    const timer = setInterval(() => big.finish.shift()?.(), 2);
    for (const answer of await Promise.all([...answers, news])) {
      expect(answer).toMatchObject({ model: "big", fallback: false });
    }
    clearInterval(timer);
  });

  it("answers from the fallback while the primary's engines are down, and in degraded mode", async () => {
    let degraded = false;
    const { big, pool } = await two({ degraded: () => degraded });
    await big.close();
    await expect(pool.forTask("news").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    expect(pool.forTask("til").down).toBe(true);
    expect(pool.forTask("news").down).toBe(false);
    expect(await pool.forTask("news").complete(HELLO, call())).toMatchObject({ model: "small", fallback: true });

    const well = await two({ degraded: () => degraded });
    degraded = true;
    expect(await well.pool.forTask("news").complete(HELLO, call())).toMatchObject({ model: "small", fallback: true });
  });
});

describe("ModelPool", () => {
  it("lets tasks share a model's places under their own limits, and answers chat from til's model", async () => {
    const engine = await opened.engine((_asked, response) => stream(response, "Hi"));
    const entry = { baseUrl: engine.baseUrl, model: "m", concurrency: 2 };
    const table = { ...singleModelTable(entry), til: { ...entry, maxTokens: 4, temperature: 0.5 } };
    const { pool } = opened.poolOf(table, { priority: true });
    expect(pool.models).toHaveLength(1);
    for (const task of ["til", "news", "chat"] as const) await pool.forTask(task).complete(HELLO, call());
    expect(engine.asked.map(({ body }) => [body.max_tokens, body.temperature])).toEqual([
      [4, 0.5],
      [16, 0],
      [4, 0.5],
    ]);
    expect(engine.asked.every(({ body }) => Number.isInteger(body.priority))).toBe(true);
  });
});
