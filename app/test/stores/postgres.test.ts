import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { startPostgres, type TestPostgres } from "../support/postgres";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const UNAVAILABLE = { code: "STORE_UNAVAILABLE", status: 503, retryAfterSeconds: 5, params: { store: "PostgreSQL" } };

const TIL = {
  user_name: "jimin",
  date: "2026-03-01",
  domain: "commit",
  language: "ko",
  title: "장바구니",
  content: "# 배운 것",
  keywords: ["redis", 'a "quoted", one', "콤마,"],
  repos: ["shop-api"],
  model: "m",
  adapter: null,
};

describe("openPostgres", () => {
  it("keeps a note as it was written, its day included, wherever the process runs", async () => {
    const { sql: db } = await postgres.create();
    const { id } = await db.insertInto("tils").values(TIL).returning("id").executeTakeFirstOrThrow();
    const note = await db.selectFrom("tils").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    expect(note).toMatchObject(TIL);
    expect(note.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(note.created_at).toBeInstanceOf(Date);
  });

  it("finds a user's newest notes by an index", async () => {
    const { sql: db } = await postgres.create();
    await sql`insert into tils (user_name, date, domain, language, title, content, keywords, repos, model)
      select 'user' || n % 1000, date '2026-01-01' + n % 300, 'commit', 'ko', 't', 'c', '{}', '{}', 'm'
      from generate_series(1, 20000) n`.execute(db);
    await sql`analyze tils`.execute(db);
    const query = db.selectFrom("tils").selectAll().where("user_name", "=", "user7").orderBy("date", "desc").limit(3);
    const plan = (await query.explain("text")).map((row) => Object.values(row).join()).join("\n");
    expect(plan).toContain("Index Scan using tils_user_name_date");
    expect(plan).not.toContain("Sort");
  });

  it("throws PostgreSQL's own error for a wrong query, which no client sees", async () => {
    const { sql: db, database } = await postgres.create();
    await expect(sql`select * from nothing`.execute(db)).rejects.toMatchObject({ code: "42P01" });
    const twice = { ...TIL, id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301" };
    await db.insertInto("tils").values(twice).execute();
    await expect(db.insertInto("tils").values(twice).execute()).rejects.toMatchObject({ code: "23505" });
    expect(database.up).toBe(true);
  });

  it("undoes a transaction whose work throws", async () => {
    const { sql: db } = await postgres.create();
    const work = db.transaction().execute(async (transaction) => {
      await transaction.insertInto("tils").values(TIL).execute();
      throw new Error("stop");
    });
    await expect(work).rejects.toThrow("stop");
    expect(await db.selectFrom("tils").select("id").execute()).toEqual([]);
  });
});

describe("a PostgreSQL that goes and comes back", () => {
  it("answers 503 to each waiting request when killed in mid-query, keeps its data, and is back by itself", async () => {
    const states: boolean[] = [];
    const { sql: stored, login } = await postgres.create();
    await stored.insertInto("tils").values(TIL).execute();
    const database = postgres.open(login, { poolMax: 3, onState: (up) => states.push(up) });
    await database.check();
    // Three work, three wait for a place in the pool.
    const asking = Array.from({ length: 6 }, () => sql`select pg_sleep(30)`.execute(database.sql));
    const inTransaction = database.sql.transaction().execute(async (transaction) => {
      await transaction.insertInto("tils").values(TIL).execute();
    });
    while ((await postgres.sleepers(login)) < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    await postgres.kill();
    for (const { status, ...rest } of await Promise.allSettled([...asking, inTransaction])) {
      expect({ status, ...rest }).toMatchObject({ status: "rejected", reason: UNAVAILABLE });
    }
    await expect(database.check()).rejects.toMatchObject(UNAVAILABLE);
    expect(database.up).toBe(false);

    await postgres.restart();
    await database.check();
    expect(await database.sql.selectFrom("tils").select("title").execute()).toEqual([{ title: TIL.title }]);
    expect(states).toEqual([true, false, true]);
  });

  it("never shows a client the server's name or message", async () => {
    const { login } = await postgres.create();
    const database = postgres.open({ ...login, database: "secret-name" });
    const refused = database.check();
    await expect(refused).rejects.toMatchObject(UNAVAILABLE);
    await expect(refused).rejects.not.toThrow(/secret-name/);
  });

  it("answers 503 when too slow, and its connection is not used again", async () => {
    const { login } = await postgres.create();
    const database = postgres.open(login, { poolMax: 1, statementTimeoutMs: 100 });
    const { rows: before } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.sql);
    await expect(sql`select pg_sleep(10)`.execute(database.sql)).rejects.toMatchObject(UNAVAILABLE);
    const { rows: after } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.sql);
    expect(after[0]?.pid).not.toBe(before[0]?.pid);
  });

  it("lets a request wait while every connection is taken, and answers it", async () => {
    const { login } = await postgres.create();
    const database = postgres.open(login, { poolMax: 1 });
    const slow = sql`select pg_sleep(0.1)`.execute(database.sql);
    const waiting = database.check();
    await Promise.all([slow, waiting]);
  });
});
