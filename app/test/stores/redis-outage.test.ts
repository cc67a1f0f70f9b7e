import { afterEach, expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { readConfig } from "../../src/config/config";
import { openCoordination } from "../../src/stores/coordination/open-coordination";
import { startMetadata } from "../support/metadata";
import { startRedis } from "../support/redis";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const UNAVAILABLE = { code: "STORE_UNAVAILABLE", status: 503, retryAfterSeconds: 5, params: { store: "Redis" } };

async function redis() {
  const server = await startRedis();
  closers.push(() => server.close());
  return server;
}

/** Coordination of an environment, with its states and a way to wait for one. */
async function coordinationOf(environment: Readonly<Record<string, string>>) {
  const states: boolean[] = [];
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };
  const coordination = await openCoordination({
    ...readConfig(environment),
    onState: (up) => {
      states.push(up);
      tell();
    },
    onProgress: (line) => void lines.push(line),
  });
  closers.push(() => coordination.close());
  return {
    coordination,
    states,
    lines,
    /** Resolves when the last reported state is this. */
    until: (up: boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (states.at(-1) !== up) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const LIMIT = { events: 2, windowMs: 60_000 };

describeWith(["redis-server"], "Redis, gone and back", () => {
  it("means a cache miss, no limit and no lock when killed, is logged, and works again without a restart", async () => {
    const server = await redis();
    const { coordination, states, until, lines } = await coordinationOf({ REDIS_URL: server.url });
    await coordination.cache("answer", Buffer.from("x"), 60_000);
    const lock = await coordination.lock("work", 300);
    const lost = new Promise((resolve) => lock?.lost.addEventListener("abort", resolve));
    const asking = Array.from({ length: 200 }, () => coordination.cached("answer"));
    await server.kill();
    // Each of them has an answer, whichever: none hangs, none throws.
    await Promise.all(asking);
    await until(false);
    expect(await coordination.cached("answer")).toBeUndefined();
    await coordination.cache("other", Buffer.from("x"), 60_000);
    expect(await coordination.limit("caller", LIMIT)).toMatchObject({ allowed: true });
    expect(await coordination.lock("another")).toMatchObject({ exclusive: false });
    await expect(coordination.check()).rejects.toMatchObject(UNAVAILABLE);
    await lost;
    expect(String(lock?.lost.reason)).toContain("could not be renewed");

    await server.start();
    await until(true);
    await coordination.check();
    await coordination.cache("answer", Buffer.from("y"), 60_000);
    expect(Buffer.from((await coordination.cached("answer")) ?? []).toString()).toBe("y");
    expect(await coordination.lock("work")).toMatchObject({ exclusive: true });
    expect(states).toEqual([true, false, true]);
    expect(lines.every((line) => line.startsWith("Redis at 127.0.0.1:"))).toBe(true);
  });

  it("answers 503 for locks and limits, not for the cache, with LOCK_REQUIRED=true", async () => {
    const server = await redis();
    const { coordination, until } = await coordinationOf({ REDIS_URL: server.url, LOCK_REQUIRED: "true" });
    await server.kill();
    await until(false);
    await expect(coordination.lock("work")).rejects.toMatchObject(UNAVAILABLE);
    await expect(coordination.limit("caller", LIMIT)).rejects.toMatchObject(UNAVAILABLE);
    expect(await coordination.cached("answer")).toBeUndefined();
    await coordination.cache("answer", Buffer.from("x"), 60_000);
  });

  it("lets the gateway start while it is not up", async () => {
    const server = await redis();
    await server.kill();
    const { coordination, states, until, lines } = await coordinationOf({ REDIS_URL: server.url });
    expect(states).toEqual([false]);
    expect(lines).toHaveLength(1);
    expect(await coordination.lock("work")).toMatchObject({ exclusive: false });
    await server.start();
    await until(true);
    expect(await coordination.lock("work")).toMatchObject({ exclusive: true });
  });

  it("delays one request when it hangs, not every request", async () => {
    const server = await redis();
    const { coordination, until } = await coordinationOf({ REDIS_URL: server.url });
    server.pause();
    const began = performance.now();
    expect(await coordination.cached("answer")).toBeUndefined();
    const first = performance.now() - began;
    for (let request = 0; request < 50; request += 1) await coordination.cached("answer");
    expect(performance.now() - began - first).toBeLessThan(first / 2);
    await until(false);
    server.resume();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await coordination.check();
    await until(true);
  });

  it("lets the gateway start while it hangs", async () => {
    const server = await redis();
    server.pause();
    const { coordination, until } = await coordinationOf({ REDIS_URL: server.url });
    expect(await coordination.lock("work")).toMatchObject({ exclusive: false });
    server.resume();
    await until(true);
    await coordination.check();
  });

  it("gets a lock released whose answer was lost", async () => {
    const server = await redis();
    const { coordination } = await coordinationOf({ REDIS_URL: server.url });
    server.pause();
    const unlocked = coordination.lock("work", 60_000);
    expect(await unlocked).toMatchObject({ exclusive: false });
    server.resume();
    const other = await coordinationOf({ REDIS_URL: server.url });
    let lock = await other.coordination.lock("work");
    while (lock === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      lock = await other.coordination.lock("work");
    }
    expect(lock.exclusive).toBe(true);
  });
});

describeWith(["redis-server"], "Redis with REDIS_AUTH=google-iam", () => {
  /** Takes this token and nothing else. */
  const flags = (token: string) => ["--user", "default", "on", `>${token}`, "~*", "&*", "+@all"];

  async function behindIam(token: string, lifetimeSeconds: number) {
    const server = await redis();
    await server.kill();
    await server.start(flags(token));
    const metadata = await startMetadata();
    closers.push(() => metadata.close());
    metadata.give(token, lifetimeSeconds);
    const environment = { REDIS_URL: server.url, REDIS_AUTH: "google-iam", METADATA_URL: metadata.url };
    return { server, metadata, ...(await coordinationOf(environment)) };
  }

  it("logs in with the machine's token", async () => {
    const { coordination, metadata } = await behindIam("token-a", 3_600);
    await coordination.check();
    expect(metadata.asked()).toBe(1);
  });

  it("logs in again before the token expires, and connects anew with the newest", async () => {
    const { coordination, metadata, server, until } = await behindIam("token-a", 301);
    await coordination.check();
    metadata.give("token-b");
    while (metadata.asked() < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    await server.kill();
    await until(false);
    await server.start(flags("token-b"));
    await until(true);
    await coordination.check();
  });

  it("logs a refused token without its text, and connects with the right one", async () => {
    const server = await redis();
    await server.kill();
    await server.start(flags("token-right"));
    const metadata = await startMetadata();
    closers.push(() => metadata.close());
    metadata.give("token-wrong", 301);
    const environment = { REDIS_URL: server.url, REDIS_AUTH: "google-iam", METADATA_URL: metadata.url };
    const { coordination, lines, states, until } = await coordinationOf(environment);
    await expect(coordination.check()).rejects.toMatchObject(UNAVAILABLE);
    expect(states.at(-1)).toBe(false);
    expect(lines.join()).toMatch(/WRONGPASS|NOAUTH/);
    expect(lines.join()).not.toContain("token-");
    metadata.give("token-right");
    await until(true);
    await coordination.check();
  });

  it("sends no token over plain TCP", async () => {
    const environment = { REDIS_URL: "redis://10.0.0.6:6379", REDIS_AUTH: "google-iam" };
    await expect(coordinationOf(environment)).rejects.toThrow(
      "REDIS_AUTH=google-iam sends an access token: REDIS_URL must begin with rediss://, or REDIS_CA_FILE be set",
    );
  });
});
