import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { sql } from "kysely";
import { exportDatabase } from "../../../src/jobs/backup/database/export-database";
import { STAGED, stageDatabase } from "../../../src/jobs/backup/database/staged-database";
import { REPLACED, swapDatabase } from "../../../src/jobs/backup/database/swap-database";
import { inOrder } from "../../../src/jobs/backup/database/tables";
import { FolderDestination } from "../../../src/jobs/backup/folder-destination";
import type { DatabaseManifest } from "../../../src/jobs/backup/manifest";
import { Parts } from "../../../src/jobs/backup/parts";
import { Report } from "../../../src/jobs/backup/report";
import type { Sql } from "../../../src/stores/postgres/database";
import { MIGRATIONS } from "../../../src/stores/postgres/migrations/all-migrations";
import { migrate } from "../../../src/stores/postgres/migrator";
import { startPostgres, type TestPostgres } from "../../support/postgres";

let postgres: TestPostgres;
let folder = "";
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-backups-"));
});
afterEach(() => rm(folder, { recursive: true }));

const report = new Report(() => {});
const parts = () => new Parts(new FolderDestination(folder), "one");

const TIL = {
  user_name: "지민",
  date: "2026-11-21",
  domain: "commit",
  language: "ko",
  title: "락은\n'SET NX EX'로",
  content: 'quotes " \\ and\ttabs 🌱',
  keywords: ["redis", "a,b", '"q"'],
  repos: [],
  model: "gemma",
} as const;

async function fill(db: Sql, tils: number): Promise<void> {
  const rows = Array.from({ length: tils }, (_, index) => ({ ...TIL, title: `${TIL.title} ${index}` }));
  for (let at = 0; at < tils; at += 1_000)
    await db
      .insertInto("tils")
      .values(rows.slice(at, at + 1_000))
      .execute();
  await db
    .insertInto("adapters")
    .values({ name: "a-1", base_model: "m", version: 1, uri: "gs://a/1", sha256: "0", owner: null, domain: "commit" })
    .execute();
  for (const action of ["activate", "retire"] as const) {
    await db
      .insertInto("adapter_activations")
      .values({ who: "w", action, owner: null, domain: "commit", from_name: null, to_name: "a-1" })
      .execute();
  }
}

async function rows(db: Sql, schema = "public") {
  const all = [];
  for (const table of ["tils", "adapters", "adapter_activations"]) {
    const found = await sql<{ row: string }>`select t::text as row from ${sql.id(schema, table)} t order by 1`.execute(
      db,
    );
    all.push({ table, rows: found.rows.map(({ row }) => row) });
  }
  return all;
}

async function schemas(db: Sql): Promise<string[]> {
  const found = await sql<{
    name: string;
  }>`select nspname::text as name from pg_namespace where nspname like 'terrace%' order by 1`.execute(db);
  return found.rows.map(({ name }) => name);
}

/** A database with rows, and its backup. */
async function backedUp(tils = 3) {
  const { sql: db, login } = await postgres.create();
  await fill(db, tils);
  return { db, login, manifest: await exportDatabase(db, parts(), report) };
}

describe("a backup of the database", () => {
  it("restores every row exactly, numbers and times as they were", async () => {
    const { db, manifest } = await backedUp(1_201);
    const before = await rows(db);
    expect(manifest.tables.map(({ name, part }) => [name, part.lines])).toEqual([
      ["adapters", 1],
      ["tils", 1_201],
      ["adapter_activations", 2],
    ]);
    expect(manifest.steps).toEqual(Object.keys(MIGRATIONS).sort());
    const { sql: empty } = await postgres.create();
    await stageDatabase(empty, manifest, parts(), report);
    expect(await rows(empty, STAGED)).toEqual(before);
    await swapDatabase(empty);
    expect(await rows(empty)).toEqual(before);
    expect(await schemas(empty)).toEqual([REPLACED]);
    // The sequence goes on where it was.
    const { id } = await empty
      .insertInto("adapter_activations")
      .values({ who: "w", action: "retire", owner: null, domain: "d", from_name: null, to_name: null })
      .returning("id")
      .executeTakeFirstOrThrow();
    expect(id).toBe(3);
    await expect(fill(empty, 0)).rejects.toThrow("adapters_name_key");
  });

  it("is of one moment, whatever is written meanwhile", async () => {
    const { sql: db } = await postgres.create();
    await fill(db, 5);
    let wrote = false;
    const meanwhile = new Report(() => {
      if (wrote) return;
      wrote = true;
    });
    const destination = new FolderDestination(folder);
    const write = destination.write.bind(destination);
    // Between two tables a writer changes both.
    destination.write = async (name, content) => {
      await write(name, content);
      await db
        .insertInto("tils")
        .values({ ...TIL, title: `after ${name}` })
        .execute();
    };
    const manifest = await exportDatabase(db, new Parts(destination, "one"), meanwhile);
    expect(manifest.tables.find(({ name }) => name === "tils")?.part.lines).toBe(5);
  });

  it("keeps what the swap replaced, until the next one", async () => {
    const { db, manifest } = await backedUp();
    const before = await rows(db);
    await db
      .insertInto("tils")
      .values({ ...TIL, title: "written after the backup" })
      .execute();
    const damaged = await rows(db);
    await stageDatabase(db, manifest, parts(), report);
    expect(await rows(db)).toEqual(damaged);
    await swapDatabase(db);
    expect(await rows(db)).toEqual(before);
    expect(await rows(db, REPLACED)).toEqual(damaged);
    await stageDatabase(db, manifest, parts(), report);
    await swapDatabase(db);
    expect(await rows(db, REPLACED)).toEqual(before);
  });

  it("leaves what is in use alone when its restore is interrupted at any line, and can be restored again", async () => {
    const { db, manifest } = await backedUp(700);
    const before = await rows(db);
    for (const after of [0, 1, 3, 600]) {
      let lines = 0;
      const broken = new Report(() => {});
      broken.counted = async function* (items) {
        for await (const item of items) {
          lines += 1;
          if (lines > after) throw new Error("interrupted");
          yield item;
        }
      };
      await expect(stageDatabase(db, manifest, parts(), broken)).rejects.toThrow("interrupted");
      expect(await rows(db)).toEqual(before);
    }
    await stageDatabase(db, manifest, parts(), report);
    await swapDatabase(db);
    expect(await rows(db)).toEqual(before);
  });

  it("is restored by its own schema's steps, and then migrated", async () => {
    const login = await postgres.createEmpty();
    const old = postgres.open(login).sql;
    const { "0001-tils": tils } = MIGRATIONS;
    await migrate(old, { steps: tils === undefined ? {} : { "0001-tils": tils } });
    await old.insertInto("tils").values(TIL).execute();
    const manifest = await exportDatabase(old, parts(), report);
    expect(manifest.steps).toEqual(["0001-tils"]);
    const { sql: db } = await postgres.create();
    await stageDatabase(db, manifest, parts(), report);
    await swapDatabase(db);
    expect((await rows(db)).map((table) => table.rows.length)).toEqual([1, 0, 0]);
  });

  it.each<[string, (manifest: DatabaseManifest) => DatabaseManifest, string]>([
    [
      "of a newer schema",
      (it) => ({ ...it, steps: [...it.steps, "9000-more"] }),
      "newer than this release, which does not know 9000-more",
    ],
    [
      "of a schema with a gap",
      (it) => ({ ...it, steps: ["0001-tils", "0003-backups"] }),
      "lacks the step 0002-adapters",
    ],
  ])("%s is refused before anything is made", async (_, changed, why) => {
    const { db, manifest } = await backedUp();
    await expect(stageDatabase(db, changed(manifest), parts(), report)).rejects.toThrow(why);
    expect(await schemas(db)).toEqual([]);
  });

  it("is not swapped into a database that a newer release has brought further", async () => {
    const { db, manifest } = await backedUp();
    await stageDatabase(db, manifest, parts(), report);
    await migrate(db, { steps: { ...MIGRATIONS, "9000-more": { up: async () => {} } } });
    const before = await rows(db);
    await expect(swapDatabase(db)).rejects.toThrow("ahead of this release (9000-more)");
    expect(await rows(db)).toEqual(before);
  });

  it("waits for a busy table, and then changes nothing", async () => {
    const { db, login, manifest } = await backedUp();
    await stageDatabase(db, manifest, parts(), report);
    const before = await rows(db);
    const other = postgres.open(login).sql;
    await other.transaction().execute(async (busy) => {
      await sql`lock table tils in access share mode`.execute(busy);
      await expect(swapDatabase(db, { lockTimeoutMs: 50 })).rejects.toThrow(/lock timeout/);
    });
    expect(await rows(db)).toEqual(before);
    await swapDatabase(db);
  });

  it("leaves the gateways' grants as they were, whichever account restores", async () => {
    const { db, login, manifest } = await backedUp();
    const [gateway, reader] = [`gateway_${login.database}`, `reader_${login.database}`];
    await sql`create role ${sql.id(gateway)}`.execute(db);
    await sql`create role ${sql.id(reader)}`.execute(db);
    await sql`alter table tils owner to ${sql.id(gateway)}`.execute(db);
    await sql`grant select, insert on tils to ${sql.id(reader)}`.execute(db);
    const rights = async () => {
      const found = await sql<{ owner: string; acl: string }>`select pg_get_userbyid(relowner) as owner,
        (select string_agg(a.grantee::regrole || ':' || a.privilege_type, ',' order by a.grantee::regrole::text, a.privilege_type)
          from aclexplode(relacl) a) as acl from pg_class where oid = 'public.tils'::regclass`.execute(db);
      return found.rows;
    };
    const before = await rights();
    expect(before[0]?.acl).toContain(`${reader}:INSERT`);
    await stageDatabase(db, manifest, parts(), report);
    await swapDatabase(db);
    expect(await rights()).toEqual(before);
  });

  it("is refused without the right to make schemas, with the GRANT that gives it", async () => {
    const { db, login, manifest } = await backedUp();
    const role = `weak_${login.database}`;
    await sql`create role ${sql.id(role)} login`.execute(db);
    const weak = postgres.open({ ...login, user: role }).sql;
    await expect(stageDatabase(weak, manifest, parts(), report)).rejects.toThrow(
      `GRANT CREATE ON DATABASE ${login.database} TO ${role}`,
    );
  });
});

describe("sorted tables", () => {
  it("come after those that they refer to", () => {
    const names = ["a", "b", "c", "d", "e"];
    const graph = fc.array(fc.tuple(fc.nat(4), fc.nat(4)).filter(([from, to]) => from > to));
    fc.assert(
      fc.property(graph, fc.shuffledSubarray(names, { minLength: 5 }), (edges, shuffled) => {
        const tables = shuffled.map((name) => ({
          name,
          columns: [],
          key: [],
          numbered: [],
          refersTo: edges.filter(([from]) => names[from] === name).map(([, to]) => names[to] ?? ""),
        }));
        const ordered = inOrder(tables);
        expect(ordered).toHaveLength(5);
        for (const [index, { refersTo }] of ordered.entries()) {
          for (const name of refersTo) expect(ordered.findIndex((table) => table.name === name)).toBeLessThan(index);
        }
      }),
    );
    const circle = ["a", "b"].map((name) => ({
      name,
      columns: [],
      key: [],
      numbered: [],
      refersTo: [name === "a" ? "b" : "a"],
    }));
    expect(() => inOrder(circle)).toThrow("in a circle: a, b");
  });
});
