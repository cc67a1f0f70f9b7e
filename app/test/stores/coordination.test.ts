import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import { describeWith } from "../../../testing/programs";
import { Coordination } from "../../src/stores/coordination/coordination";
import type { CoordinationStore } from "../../src/stores/coordination/coordination-store";
import type { RateLimit } from "../../src/stores/coordination/gcra";
import { MemoryCoordinationStore } from "../../src/stores/coordination/memory-store";
import { RedisCoordinationStore } from "../../src/stores/coordination/redis-store";
import { startRedis, type TestRedis } from "../support/redis";

/** Milliseconds until what lives `ttlMs` has certainly ended. */
const after = (ttlMs: number) => new Promise((resolve) => setTimeout(resolve, ttlMs + 20));

let keys = 0;
/** A key that no other test uses. */
const newKey = () => `key-${keys++}`;

/** A store that is looked over the shoulder. */
class Recording implements CoordinationStore {
  readonly #store: CoordinationStore;
  readonly #owners: Map<string, string>;
  constructor(store: CoordinationStore, owners: Map<string, string>) {
    this.#store = store;
    this.#owners = owners;
  }
  get hangs() {
    return this.#store.hangs;
  }
  async acquire(key: string, owner: string, ttlMs: number) {
    const free = await this.#store.acquire(key, owner, ttlMs);
    if (free) this.#owners.set(key, owner);
    return free;
  }
  renew = (key: string, owner: string, ttlMs: number) => this.#store.renew(key, owner, ttlMs);
  release = (key: string, owner: string) => this.#store.release(key, owner);
  take = (key: string, limit: RateLimit) => this.#store.take(key, limit);
  get = (key: string) => this.#store.get(key);
  set = (key: string, value: Uint8Array, ttlMs: number) => this.#store.set(key, value, ttlMs);
  check = () => this.#store.check();
  close = () => this.#store.close();
}

/** What every store must do, whichever it is. */
function contract(open: () => CoordinationStore): void {
  let store: CoordinationStore;
  let coordination: Coordination;
  /** Marks of the last owners, which only the holders of the locks have. */
  const owners = new Map<string, string>();
  beforeAll(() => {
    store = new Recording(open(), owners);
    coordination = new Coordination({ store, lockTtlSeconds: 60, lockRequired: true });
  });
  afterAll(() => coordination.close());

  it("answers", async () => {
    await coordination.check();
  });

  describe("Coordination.lock", () => {
    it("gives a key to one holder at a time", async () => {
      const key = newKey();
      const locks = await Promise.all([1, 2, 3, 4, 5].map(() => coordination.lock(key)));
      const held = locks.filter((lock) => lock !== undefined);
      expect(held).toHaveLength(1);
      expect(held[0]?.exclusive).toBe(true);
      await held[0]?.release();
      const next = await coordination.lock(key);
      expect(next).toBeDefined();
      await next?.release();
    });

    it("locks its own key alone", async () => {
      const locks = await Promise.all([newKey(), newKey()].map((key) => coordination.lock(key)));
      expect(locks).not.toContain(undefined);
      for (const lock of locks) await lock?.release();
    });

    it("lasts while its holder renews it", async () => {
      const key = newKey();
      // Longer than a busy machine stops this process: one that sleeps through its lease has lost it.
      const lock = await coordination.lock(key, 900);
      await after(1_800);
      expect(lock?.lost.aborted).toBe(false);
      expect(await coordination.lock(key)).toBeUndefined();
      await lock?.release();
    });

    it("expires without renewal", async () => {
      const key = newKey();
      expect(await store.acquire(key, "crashed", 40)).toBe(true);
      expect(await store.acquire(key, "next", 40)).toBe(false);
      await after(40);
      expect(await store.acquire(key, "next", 40)).toBe(true);
      expect(await store.renew(key, "crashed", 40)).toBe(false);
    });

    it("is released and renewed by its owner alone", async () => {
      const key = newKey();
      await store.acquire(key, "owner", 10_000);
      await store.release(key, "stranger");
      expect(await store.renew(key, "stranger", 10_000)).toBe(false);
      expect(await store.renew(key, "owner", 10_000)).toBe(true);
      expect(await store.acquire(key, "stranger", 10_000)).toBe(false);
      await store.release(key, "owner");
      expect(await store.acquire(key, "stranger", 10_000)).toBe(true);
    });

    it("aborts its signal when it is lost", async () => {
      const key = newKey();
      const lock = await coordination.lock(key, 60);
      const lost = new Promise((resolve) => lock?.lost.addEventListener("abort", resolve));
      // As after a pause of the process for longer than the lock lives.
      await store.release(`terrace:lock:${key}`, owners.get(`terrace:lock:${key}`) ?? "");
      await store.acquire(`terrace:lock:${key}`, "somebody else", 10_000);
      await lost;
      expect(String(lock?.lost.reason)).toContain("is lost");
      await lock?.release();
      expect(await store.renew(`terrace:lock:${key}`, "somebody else", 10_000)).toBe(true);
    });
  });

  describe("Coordination.limit", () => {
    it("allows a burst, counts it down, and returns when to retry", async () => {
      const key = newKey();
      const limit = { events: 5, windowMs: 60_000 };
      const results = [];
      for (let event = 0; event < 6; event += 1) results.push(await coordination.limit(key, limit));
      expect(results.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
      expect(results.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0]);
      expect(results[0]?.retryAfterMs).toBe(0);
      const refused = results[5];
      expect(refused?.retryAfterMs).toBeGreaterThan(11_000);
      expect(refused?.retryAfterMs).toBeLessThanOrEqual(12_000);
      expect(refused?.resetMs).toBeGreaterThan(59_000);
      expect(refused?.resetMs).toBeLessThanOrEqual(60_000);
    });

    it("allows the next call at that time", async () => {
      const key = newKey();
      const limit = { events: 2, windowMs: 100 };
      await coordination.limit(key, limit);
      await coordination.limit(key, limit);
      const { allowed, retryAfterMs } = await coordination.limit(key, limit);
      expect(allowed).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs + 2));
      expect((await coordination.limit(key, limit)).allowed).toBe(true);
    });

    it("counts every one of concurrent calls", async () => {
      const key = newKey();
      const results = await Promise.all(
        Array.from({ length: 40 }, () => coordination.limit(key, { events: 10, windowMs: 60_000 })),
      );
      expect(results.filter(({ allowed }) => allowed)).toHaveLength(10);
    });
  });

  describe("Coordination.cache", () => {
    it("returns the stored bytes, under their key alone", async () => {
      const key = newKey();
      const bytes = Buffer.from([0, 255, 128, 10, 13, 0, ...Buffer.from("한글")]);
      expect(await coordination.cached(key)).toBeUndefined();
      await coordination.cache(key, bytes, 10_000);
      expect(Buffer.from((await coordination.cached(key)) ?? [])).toEqual(bytes);
      expect(await coordination.cached(newKey())).toBeUndefined();
    });

    it("forgets a value after its time", async () => {
      const key = newKey();
      await coordination.cache(key, Buffer.from("x"), 30);
      await after(30);
      expect(await coordination.cached(key)).toBeUndefined();
    });
  });

  it("keeps locks, limits and cache of one name apart", async () => {
    const key = newKey();
    const lock = await coordination.lock(key);
    expect((await coordination.limit(key, { events: 1, windowMs: 1_000 })).allowed).toBe(true);
    expect(await coordination.cached(key)).toBeUndefined();
    await lock?.release();
  });
}

describe("coordination within this process", () => contract(() => new MemoryCoordinationStore()));

describeWith(["redis-server"], "coordination by Redis", () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(() => server.close());

  contract(
    () =>
      new RedisCoordinationStore({
        redis,
        onState: () => {},
        onClose: async () => redis.disconnect(),
      }),
  );
});
