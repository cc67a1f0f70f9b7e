import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { describeWith } from "../../../testing/programs";
import { readConfig } from "../../src/config/config";
import { storeChecks } from "../../src/gateway/store-checks";
import { AppError } from "../../src/shared/errors/app-error";
import { openStores, type RemoteStore, type StoreName } from "../../src/stores/open-stores";
import { StoreCircuit, StoreHangsError } from "../../src/stores/store-circuit";
import { TIL_BODY } from "../support/bodies";
import { startSimulatedGateway } from "../support/gateway";
import { startPostgres } from "../support/postgres";
import { startRedis } from "../support/redis";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Milliseconds: R-107 allows 2 s and 0.3 s; a test machine is busy. Without a circuit they were 15 s and 1 s. */
const MOST = { postgresql: 5_000, redis: 900 } as const;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Both stores, opened as the gateway opens them. */
async function openBoth(environment: Readonly<Record<string, string>> = {}) {
  const postgres = await startPostgres();
  closers.push(() => postgres.close());
  const redis = await startRedis();
  closers.push(() => redis.close());
  const { login } = await postgres.create();
  const up = new Map<StoreName, boolean>();
  const stores = await openStores({
    config: readConfig({ DATABASE_URL: postgres.url(login), REDIS_URL: redis.url, ...environment }),
    onProgress: () => {},
    onState: (store, answers) => void up.set(store, answers),
  });
  closers.push(() => stores.close());
  const remote = (name: StoreName): RemoteStore => {
    const store = stores.remote.get(name);
    if (store === undefined) throw new Error(`${name} is not open`);
    return store;
  };
  return { postgres, redis, stores, up, remote };
}

async function reasonOf(stores: Parameters<typeof storeChecks>[0], name: StoreName) {
  const check = storeChecks(stores).find((one) => one.name === name);
  return check?.check(AbortSignal.timeout(60_000));
}

const UNAVAILABLE = { code: "STORE_UNAVAILABLE", status: 503, retryAfterSeconds: 5 };

describeWith(["redis-server"], "a store that hangs", () => {
  it("PostgreSQL costs one call its deadline, the next ones nothing, and works again by itself", async () => {
    const { postgres, stores, up, remote } = await openBoth();
    const tils = () => stores.database.sql.selectFrom("tils").select("id").execute();
    await tils();
    postgres.pause();
    expect(await took(() => expect(tils()).rejects.toMatchObject(UNAVAILABLE))).toBeLessThan(MOST.postgresql);
    expect(remote("postgresql").hangs).toBe(true);
    const refused = await took(async () => {
      for (let request = 0; request < 100; request += 1) await expect(tils()).rejects.toMatchObject(UNAVAILABLE);
    });
    expect(refused).toBeLessThan(MOST.postgresql / 5);
    expect(up.get("postgresql")).toBe(false);
    expect(await reasonOf(stores, "postgresql")).toEqual({
      ok: false,
      reason: "postgresql hangs: nothing is sent to it until it answers a probe",
    });
    postgres.resume();
    await until(() => !remote("postgresql").hangs);
    expect(up.get("postgresql")).toBe(true);
    expect(await tils()).toEqual([]);
    expect(await reasonOf(stores, "postgresql")).toEqual({ ok: true, reason: "postgresql answers" });
  });

  it("PostgreSQL costs all that call at the same time one deadline, also inside a transaction", async () => {
    const { postgres, stores } = await openBoth({ DATABASE_POOL_MAX: "2" });
    const { sql } = stores.database;
    let begun = () => {};
    const inside = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const transaction = sql.transaction().execute(async (db) => {
      await db.selectFrom("tils").select("id").execute();
      begun();
      await until(() => stores.database.hangs);
      await db.selectFrom("tils").select("id").execute();
    });
    await inside;
    postgres.pause();
    const calls = [transaction, ...Array.from({ length: 20 }, () => stores.database.check())];
    const together = took(async () => {
      for (const { status, ...rest } of await Promise.allSettled(calls))
        expect({ status, ...rest }).toMatchObject({ status: "rejected", reason: UNAVAILABLE });
    });
    expect(await together).toBeLessThan(MOST.postgresql);
    postgres.resume();
    await until(() => !stores.database.hangs);
    await stores.database.check();
  });

  it("POST /til comes back with NOT_STORED, and with its id once PostgreSQL answers again", async () => {
    const { postgres, stores } = await openBoth();
    const gateway = await startSimulatedGateway({ stores });
    closers.push(() => gateway.close());
    const answer = z.looseObject({ id: z.uuid().nullable(), warnings: z.array(z.string()) });
    const write = async () => answer.parse(await (await gateway.post("/til", TIL_BODY)).json());
    expect(await write()).toMatchObject({ id: expect.any(String), warnings: [] });
    postgres.pause();
    expect(await took(async () => expect(await write()).toMatchObject({ warnings: ["NOT_STORED"] }))).toBeLessThan(
      MOST.postgresql,
    );
    expect(await took(write)).toBeLessThan(MOST.postgresql / 2);
    postgres.resume();
    await until(() => !stores.database.hangs);
    expect(await write()).toMatchObject({ id: expect.any(String), warnings: [] });
  });

  it("Redis costs one call its deadline, the next ones nothing, and works again by itself", async () => {
    const { redis, stores, up, remote } = await openBoth();
    const { coordination } = stores;
    await coordination.cache("answer", Buffer.from("x"), 60_000);
    redis.pause();
    expect(await took(() => coordination.cached("answer"))).toBeLessThan(MOST.redis);
    expect(remote("redis").hangs).toBe(true);
    const refused = await took(async () => {
      for (let request = 0; request < 100; request += 1) {
        expect(await coordination.cached("answer")).toBeUndefined();
        expect(await coordination.limit("caller", { events: 1, windowMs: 60_000 })).toMatchObject({ allowed: true });
        expect(await coordination.lock("work")).toMatchObject({ exclusive: false });
      }
    });
    expect(refused).toBeLessThan(MOST.redis);
    expect(up.get("redis")).toBe(false);
    expect(await reasonOf(stores, "redis")).toMatchObject({ ok: false, reason: expect.stringMatching(/^redis hangs/) });
    redis.resume();
    await until(() => !remote("redis").hangs);
    expect(Buffer.from((await coordination.cached("answer")) ?? []).toString()).toBe("x");
  });

  it("Redis is found again after it hung for longer than its connection lives", async () => {
    const { redis, stores, remote } = await openBoth();
    redis.pause();
    await stores.coordination.cached("answer");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(remote("redis").hangs).toBe(true);
    redis.resume();
    await until(() => !remote("redis").hangs);
    await stores.coordination.check();
  });
});

describe("StoreCircuit", () => {
  const hang = () => new Promise<never>(() => {});

  function circuit(probe: () => Promise<unknown>, deadlineMs = 20) {
    const changes: boolean[] = [];
    const made = new StoreCircuit({
      store: "Store",
      deadlineMs,
      probe,
      onChange: (open) => void changes.push(open),
      probePauseMs: 5,
    });
    closers.push(() => made.close());
    return { made, changes };
  }

  it("opens at the first call that is late, and probes one at a time until one is answered", async () => {
    let probes = 0;
    let now = 0;
    let most = 0;
    const { made, changes } = circuit(async () => {
      probes += 1;
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      if (probes < 4) throw new Error("not yet");
    });
    await expect(made.call(hang)).rejects.toThrow("Store did not answer within 20 ms");
    let called = false;
    const next = made.call(async () => {
      called = true;
    });
    await expect(next).rejects.toThrow("Store is not called: it did not answer a moment ago");
    expect(called).toBe(false);
    await until(() => !made.open);
    expect({ probes, most, changes }).toEqual({ probes: 4, most: 1, changes: [true, false] });
    expect(await made.call(async () => "answer")).toBe("answer");
  });

  it("stays closed for a store that refuses, however often", async () => {
    const { made, changes } = circuit(hang);
    for (let call = 0; call < 20; call += 1) {
      await expect(made.call(() => Promise.reject(new AppError("INTERNAL_ERROR")))).rejects.toThrow(AppError);
    }
    expect({ open: made.open, changes }).toEqual({ open: false, changes: [] });
  });

  it("takes an answer that came while this process was busy, though its deadline has passed", async () => {
    const { made } = circuit(hang);
    const answer = made.call(async () => {
      const response = fetch("data:,answer");
      const stop = performance.now() + 60;
      while (performance.now() < stop);
      return (await response).text();
    });
    expect(await answer).toBe("answer");
  });

  it("gives several steps of one call one deadline", async () => {
    const { made } = circuit(hang, 60_000);
    const past = performance.now() - 1;
    await expect(made.call(hang, past)).rejects.toThrow(StoreHangsError);
  });
});
