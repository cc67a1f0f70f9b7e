import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import { buildSimulator } from "../../../simulator/src/simulator-server";
import { singleModelTable } from "../../../src/config/model-table";
import { METRICS } from "../../../src/contract/metrics";
import type { AdapterService } from "../../../src/engines/adapters/adapter-service";
import { ModelPool } from "../../../src/engines/client/model-pool";
import type { Sql } from "../../../src/stores/postgres/database";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { startAdapters, until, version } from "./fixtures";

/** Requests at once: half of what two engines with 30 places take. */
const CLIENTS = 30;
/** Each answer takes some 40 ms, so that every switch meets requests in flight. */
const SPEED = 200;

let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "terrace-test-adapters-"));
  for (const name of ["v1", "v2"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "adapter_config.json"), JSON.stringify({ r: 16, base_model_name_or_path: "m" }));
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres.close();
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two engines, a gateway's models and its adapters, of which v1 answers and v2 is staged. */
async function start() {
  const engines = [1, 2].map(() =>
    buildSimulator({ speed: SPEED, model: "m", enableLora: true, maxLoras: 2, allowRuntimeLoraUpdating: true }),
  );
  const baseUrls: string[] = [];
  for (const engine of engines) {
    baseUrls.push(`${await engine.listen({ port: 0, host: "127.0.0.1" })}/v1`);
    closers.push(() => engine.close());
  }
  const target = { baseUrls, model: "m", concurrency: 30 };
  const models = new ModelPool({ table: singleModelTable(target), timeoutMs: 10_000 });
  await models.start();
  closers.push(() => models.close());
  const { sql } = await postgres.create();
  const one = gatewayOf(sql, models);
  for (const number of [1, 2]) {
    const fields = { baseModel: "m", uri: join(folder, `v${number}`) };
    await one.adapters.promotion.register(version(number, fields));
  }
  await one.adapters.promotion.activate("all-commit-v1", "ops");
  one.adapters.start();
  return { engines, models, sql, ...one };
}

function gatewayOf(sql: Sql, models: ModelPool) {
  const registry = new Registry();
  const adapters = startAdapters(sql, [], {
    hosts: models,
    modelOf: (task) => models.forTask(task).label,
    prefixes: [`${folder}/`],
    maxLoras: 2,
  });
  adapters.register(registry);
  models.keepAdapters(adapters);
  closers.push(() => adapters.stop());
  const counted = async (name: string) => {
    const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
    const sums: Record<string, number> = {};
    for (const { labels, value } of values) {
      const kind = String(labels.result ?? labels.reason);
      sums[kind] = (sums[kind] ?? 0) + value;
    }
    return sums;
  };
  return { adapters, counted };
}

interface Answer {
  /** What the gateway chose when the request began. */
  readonly chosen: string | null;
  /** Adapter that the answer names. */
  readonly said: string | null;
  /** Base model that the answer names. */
  readonly model: string;
  /** Adapter that the answer's own text names. */
  readonly shown: string | undefined;
  readonly fallback: boolean;
}

/** Clients that send one request after the other until `stop`. */
function load(models: ModelPool, adapters: AdapterService) {
  const answers: Answer[] = [];
  const errors: unknown[] = [];
  let running = true;
  const chat = {
    messages: [{ role: "user", content: "Redis SET with NX takes a lock. Lua compares the owner first." }],
    maxTokens: 40,
    temperature: 0,
  } as const;
  async function client(id: number) {
    for (let turn = 0; running; turn += 1) {
      const choice = adapters.resolve({ user: `user-${id}`, domain: "commit", task: "til" });
      const call = { requestId: `${id}-${turn}`, signal: new AbortController().signal };
      try {
        const served = await adapters.run("til", choice, (adapter) =>
          models.forTask("til").complete(chat, { ...call, adapter }),
        );
        const shown = /all-commit-v\d/.exec(served.value.content)?.[0];
        answers.push({
          chosen: choice.name,
          said: served.value.adapter,
          model: served.value.model,
          shown,
          fallback: served.fallbackReason !== undefined,
        });
      } catch (thrown) {
        errors.push(thrown);
      }
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, id) => client(id));
  const stop = async () => {
    running = false;
    await Promise.all(clients);
  };
  closers.push(stop);
  return {
    answers,
    errors,
    /** Resolves after so many further answers. */
    async more(count: number) {
      const enough = answers.length + count;
      await until(() => answers.length >= enough || errors.length > 0);
    },
    stop,
  };
}

/** Swaps v1 for v2 and back under load, several times. */
async function swapUnderLoad(afterFlip: (old: string, models: ModelPool) => Promise<void> = async () => {}) {
  const { engines, models, adapters, counted } = await start();
  const requests = load(models, adapters);
  const rollbackMs: number[] = [];
  await requests.more(60);
  for (let round = 0; round < 2; round += 1) {
    await adapters.promotion.activate("all-commit-v2", "ops");
    await afterFlip("all-commit-v1", models);
    await requests.more(60);
    const began = performance.now();
    await adapters.promotion.rollback({ owner: null, domain: "commit" }, "ops");
    rollbackMs.push(performance.now() - began);
    await afterFlip("all-commit-v2", models);
    await requests.more(60);
  }
  await requests.stop();
  return { ...requests, rollbackMs, engines, loads: await counted(METRICS.adapterLoads) };
}

describe("two adapters swapped and rolled back under load", () => {
  it("fail no request, and every answer is one of the two's", async () => {
    const { answers, errors, rollbackMs, engines, loads } = await swapUnderLoad();
    expect(errors).toEqual([]);
    expect(answers.filter(({ fallback }) => fallback)).toEqual([]);
    expect(answers.filter(({ chosen, said, shown }) => chosen !== said || said !== shown)).toEqual([]);
    // The base model stays named: an adapter has a field of its own.
    expect(answers.filter(({ model }) => model !== "m")).toEqual([]);
    const by = (name: string) => answers.filter(({ shown }) => shown === name).length;
    expect(by("all-commit-v1")).toBeGreaterThan(60);
    expect(by("all-commit-v2")).toBeGreaterThan(60);
    expect(Math.max(...rollbackMs)).toBeLessThan(1_000);
    // Loaded once on each engine and never lost: both stay for the requests in flight and for the next rollback.
    expect(loads).toEqual({ loaded: 4, failed: 0, unloaded: 0 });
    for (const engine of engines) expect(engine.adapters).toHaveLength(2);
  });

  it("fail requests with a planted gateway that unloads what it has just replaced", async () => {
    const unload = async (old: string, models: ModelPool) => {
      await Promise.all(models.hostsOf("m").map((host) => host.unloadAdapter(old, AbortSignal.timeout(5_000))));
    };
    const { answers, errors, loads } = await swapUnderLoad(unload);
    const seen = errors.length + answers.filter(({ fallback }) => fallback).length + ((loads.loaded ?? 0) - 4);
    expect(seen).toBeGreaterThan(0);
  });
});

describe("a restarted engine", () => {
  it("gets its adapters back in the background or with the first request, which succeeds", async () => {
    const { engines, models, adapters, counted } = await start();
    const [first] = engines;
    first?.inject({ kind: "restart" });
    expect(first?.adapters).toEqual([]);
    const requests = load(models, adapters);
    await until(() => first?.adapters.some(({ name }) => name === "all-commit-v1") === true);
    await requests.more(60);
    await requests.stop();
    expect(requests.errors).toEqual([]);
    expect(requests.answers.filter(({ shown }) => shown !== "all-commit-v1")).toEqual([]);
    expect((await counted(METRICS.adapterLoads)).loaded).toBe(3);
  });

  it("gets an adapter back when its activation's trial answer finds it missing", async () => {
    const { engines, adapters } = await start();
    // Outlasts the first comparison with the engines, after which the activation alone notices for 30 s.
    await adapters.promotion.activate("all-commit-v1", "ops");
    const [first] = engines;
    first?.inject({ kind: "restart" });
    expect(first?.adapters).toEqual([]);
    await adapters.promotion.activate("all-commit-v1", "ops");
    expect(first?.adapters.map(({ name }) => name)).toEqual(["all-commit-v1"]);
  });

  it("answers from the base model, and marks the answer, while it refuses its adapters", async () => {
    const { engines, models, adapters, counted } = await start();
    for (const engine of engines) {
      engine.inject({ kind: "restart" });
      engine.inject({ kind: "refuse-adapters", requests: 1_000 });
    }
    const requests = load(models, adapters);
    await requests.more(60);
    await requests.stop();
    expect(requests.errors).toEqual([]);
    expect(requests.answers.filter(({ said, fallback, shown }) => said !== null || !fallback || shown)).toEqual([]);
    expect((await counted(METRICS.adapterFallbacks)).not_loaded).toBe(requests.answers.length);
  });
});
