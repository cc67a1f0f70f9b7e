import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "@jest/globals";
import Fastify from "fastify";
import { sql } from "kysely";
import { describeWith } from "../../../testing/programs";
import { ConfigError, readConfig } from "../../src/config/config";
import { errorHandler } from "../../src/http/errors/error-handler";
import { openStores, type StoreName } from "../../src/stores/open-stores";
import { startPostgres } from "../support/postgres";
import { startRedis } from "../support/redis";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server whose routes only call the stores, opened as the gateway opens them. */
async function startServer() {
  const postgres = await startPostgres();
  closers.push(() => postgres.close());
  const redis = await startRedis();
  closers.push(() => redis.close());
  const { login } = await postgres.create();
  const up = new Map<StoreName, boolean>();
  const environment = { DATABASE_URL: postgres.url(login), REDIS_URL: redis.url, LOCK_REQUIRED: "true" };
  const stores = await openStores({
    config: readConfig(environment),
    onProgress: () => {},
    onState: (store, answers) => void up.set(store, answers),
  });
  closers.push(() => stores.close());
  const app = Fastify();
  await app.register(errorHandler, { bodyLimitBytes: 1_000 });
  app.get("/sleep", async () => sql`select pg_sleep(20)`.execute(stores.database.sql));
  app.get("/tils", async () => stores.database.sql.selectFrom("tils").select("id").execute());
  app.get("/lock", async () => {
    const lock = await stores.coordination.lock("work");
    await lock?.release();
    return { exclusive: lock?.exclusive };
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  closers.push(() => app.close());
  return { url, postgres, redis, up, login, stores };
}

/** What a client sees. */
async function ask(url: string) {
  const response = await fetch(url, { headers: { "accept-language": "en" } });
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: await response.json() };
}

const away = (store: string) => ({
  status: 503,
  retryAfter: "5",
  body: {
    detail: `${store} cannot be reached. Nothing was lost; try again shortly.`,
    code: "STORE_UNAVAILABLE",
    request_id: expect.any(String),
  },
});

describeWith(["redis-server"], "a client", () => {
  it("a client gets 503 with Retry-After and no detail while a store is gone, and an answer when it is back", async () => {
    const { url, postgres, redis, up, login, stores } = await startServer();
    expect([await ask(`${url}/tils`), await ask(`${url}/lock`)]).toMatchObject([
      { status: 200, body: [] },
      { status: 200, body: { exclusive: true } },
    ]);
    expect([...stores.remote.keys()]).toEqual(["postgresql", "redis"]);

    const midRequest = ask(`${url}/sleep`);
    while ((await postgres.sleepers(login)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([postgres.kill(), redis.kill()]);
    expect(await midRequest).toEqual(away("PostgreSQL"));
    expect(await ask(`${url}/tils`)).toEqual(away("PostgreSQL"));
    expect(await ask(`${url}/lock`)).toEqual(away("Redis"));
    expect(Object.fromEntries(up)).toEqual({ postgresql: false, redis: false });

    await Promise.all([postgres.restart(), redis.start()]);
    expect(await ask(`${url}/tils`)).toMatchObject({ status: 200, body: [] });
    while ((await ask(`${url}/lock`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(Object.fromEntries(up)).toEqual({ postgresql: true, redis: true });
  });
});

it("openStores ends the start for a store that cannot be opened, and closes the others", async () => {
  const folder = mkdtempSync(join(tmpdir(), "terrace-test-stores-"));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  const environment = { DATA_DIR: dataDir, REDIS_URL: "redis://10.0.0.6:6379", REDIS_AUTH: "google-iam" };
  const opening = openStores({ config: readConfig(environment), onProgress: () => {}, onState: () => {} });
  await expect(opening).rejects.toThrow(ConfigError);
  expect(existsSync(join(dataDir, "gateway.pid"))).toBe(false);
  expect(existsSync(join(dataDir, "postgres/postmaster.pid"))).toBe(false);
});
