import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { MIGRATIONS } from "../../src/stores/postgres/migrations/all-migrations";
import { migrate, schemaState } from "../../src/stores/postgres/migrator";
import { startPostgres, type TestPostgres } from "../support/postgres";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const NAMES = Object.keys(MIGRATIONS).sort();

async function empty() {
  return postgres.open(await postgres.createEmpty()).sql;
}

describe("migrate", () => {
  it("runs steps in order, once", async () => {
    const db = await empty();
    expect(await schemaState(db)).toEqual({
      pending: NAMES,
      unknown: [],
      problem: expect.stringContaining("behind this release: 0001-tils"),
    });
    expect(await migrate(db)).toEqual(NAMES);
    expect(await schemaState(db)).toEqual({ pending: [], unknown: [], problem: undefined });
    expect(await migrate(db)).toEqual([]);
  });

  it("runs each step once when many migrators start together", async () => {
    const login = await postgres.createEmpty();
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(postgres.open(login).sql)));
    expect(ran.flat().sort()).toEqual(NAMES);
  });

  it("can run each step a second time, as after a crash between a step and its record", async () => {
    const { sql: db } = await postgres.create();
    for (const name of NAMES) await MIGRATIONS[name]?.up(db);
    expect(await schemaState(db)).toMatchObject({ pending: [] });
  });

  it("changes nothing when a step fails", async () => {
    const db = await empty();
    const broken = {
      ...MIGRATIONS,
      "9999-broken": {
        up: async (transaction: Kysely<unknown>) => {
          await sql`select 1/0`.execute(transaction);
        },
      },
    };
    await expect(migrate(db, { steps: broken })).rejects.toThrow("9999-broken failed; nothing was changed");
    const { rows } = await sql<{ there: boolean }>`select to_regclass('tils') is not null as there`.execute(db);
    expect(rows).toEqual([{ there: false }]);
  });
});

describe("a database that a newer release migrated", () => {
  const newer = { ...MIGRATIONS, "9000-more": { up: async () => {} } };

  it("is accepted by this release, which has nothing to migrate", async () => {
    const db = await empty();
    await migrate(db, { steps: newer });
    expect(await schemaState(db)).toEqual({ pending: [], unknown: ["9000-more"], problem: undefined });
    expect(await migrate(db)).toEqual([]);
  });

  it.each([
    ["8999", "it is ahead of this release: 9000-contract-since-8999-x took away what this release needs"],
    ["0001", undefined],
  ])("is accepted after a contraction only with step %s", async (since, problem) => {
    const db = await empty();
    await migrate(db, { steps: { ...MIGRATIONS, [`9000-contract-since-${since}-x`]: { up: async () => {} } } });
    expect((await schemaState(db)).problem).toBe(problem);
  });

  it("is refused and left alone where its steps are of another line", async () => {
    const db = await empty();
    await migrate(db, { steps: { "0000-other": { up: async () => {} } } });
    await expect(migrate(db)).rejects.toThrow("another line of releases: it has 0000-other, but not 0001-tils");
  });
});
