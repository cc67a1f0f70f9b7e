import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { z } from "zod";
import { BackupRecords } from "../../../src/jobs/backup/backup-records";
import { openLanceStore } from "../../../src/retrieval/lance-store";
import { backedUp, backedUpService, type EmbeddedService, embeddedService } from "../../support/backed-up-service";
import { backup } from "../../support/backup";
import { TIL_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { testRetrieval } from "../../support/retrieval";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const tilSchema = z.object({ id: z.uuid(), sources: z.array(z.object({ id: z.uuid(), score: z.number() })) });

/** Talks to a gateway over these stores, which then lets go of them. */
async function throughGateway<T>(
  { database, vectors }: Pick<EmbeddedService, "database" | "vectors">,
  talk: (post: (path: string, body: unknown) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const store = await openLanceStore(vectors);
  const gateway = await startSimulatedGateway({ stores: { database }, retrieval: testRetrieval({ store }) });
  try {
    return await talk(async (path, body) => {
      const response = await gateway.post(path, body);
      expect(response.status).toBe(200);
      return response.json();
    });
  } finally {
    await gateway.close();
    await store.close();
  }
}

function til(day: number, message: string) {
  const [repo] = TIL_BODY.repo;
  const files = [
    { filepath: "src/cart.ts", patches: [{ commit_message: message, patch: `@@ -1 +1 @@\n+${message}` }] },
  ];
  return { ...TIL_BODY, date: `2026-11-${day}`, repo: [{ ...repo, files }] };
}

const QUESTION = til(20, "Cache cart totals in Redis with an expiry");

/** Some notes of a user, their backup, and what a question was answered then. */
async function lived() {
  const { env, ...stores } = await embeddedService(postgres, closers);
  await throughGateway(stores, async (post) => {
    await post("/til", til(11, "Cache cart totals in Redis"));
    await post("/til", til(12, "Let the cache of cart totals expire in Redis"));
    await post("/til", til(13, "Draw the landing page anew"));
  });
  return { env, ...stores, id: await backedUp(env) };
}

async function asked(stores: Pick<EmbeddedService, "database" | "vectors">) {
  return throughGateway(stores, async (post) => {
    const interview = await post("/interview", { user: TIL_BODY.user, language: "en", count: 3 });
    const { sources } = tilSchema.parse(await post("/til", QUESTION));
    return { interview, sources };
  });
}

describe("a backup of the embedded stores", () => {
  it("brings everything back after all of it is lost: the same question gets the same answer", async () => {
    const { env, id, ...before } = await lived();
    const answers = await asked(before);
    expect(answers.sources.length).toBeGreaterThanOrEqual(2);
    // Everything but the backups.
    await rm(env.DATA_DIR, { recursive: true });
    const { login, database } = await postgres.create();
    const after = { ...before, database };
    const lost = { ...env, DATABASE_URL: postgres.url(login) };
    expect(await throughGateway(after, async (post) => tilSchema.parse(await post("/til", QUESTION)).sources)).toEqual(
      [],
    );
    await rm(env.DATA_DIR, { recursive: true });

    const restored = await backup(lost, "restore", id, "--swap");
    expect(restored).toMatchObject({ code: 0, last: expect.stringMatching(/is in use after [\d.]+ s/) });
    expect(await asked(after)).toEqual(answers);
    // A second time it does no harm.
    expect((await backup(lost, "restore", "--swap")).code).toBe(0);
    expect(await asked(after)).toEqual(answers);
  });

  it("is restored beside what is in use, compared and dropped by a rehearsal, which prints its duration", async () => {
    const { env, id, db, vectors } = await backedUpService(postgres, closers);
    const tables = await readdir(vectors);
    const rehearsal = await backup(env, "rehearse");
    expect(rehearsal.last).toMatch(
      new RegExp(`^rehearsal good: restore of ${id} \\(3 rows, 3 vectors of .*\\): \\d+\\.\\d s of 3600 s$`),
    );
    expect(rehearsal.code).toBe(0);
    expect(await readdir(vectors)).toEqual(tables);
    const { rows } = await sql`select from pg_namespace where nspname like 'terrace%'`.execute(db);
    expect(rows).toHaveLength(0);
  });

  it("is recorded in the database once verified, so that gateways show its age", async () => {
    const { env, id, db, database } = await backedUpService(postgres, closers);
    const records = new BackupRecords(database);
    const newest = await records.newest();
    expect([...newest.keys()].sort()).toEqual(["database", "vectors"]);
    expect(Date.now() - (newest.get("database")?.getTime() ?? 0)).toBeLessThan(60_000);
    const noted = () => db.selectFrom("backups").selectAll().orderBy("kind").execute();
    const [first] = await noted();
    expect(first).toMatchObject({ id, kind: "database", destination: env.BACKUP_DESTINATION });
    expect((await backup(env, "verify")).code).toBe(0);
    const [again, ...more] = await noted();
    expect(more).toHaveLength(1);
    expect(again?.taken_at).toEqual(first?.taken_at);
    expect(again?.verified_at.getTime()).toBeGreaterThan(first?.verified_at.getTime() ?? 0);
  });

  it("is listed with what is in it, and an unfinished one as such", async () => {
    const { env, id, backups } = await backedUpService(postgres, closers);
    await backup(env, "create", "--only", "database");
    await rm(join(backups, id, "manifest.json"));
    const { lines, code } = await backup(env, "list");
    expect(code).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/3 rows, release 0\.1\.0$/);
    expect(lines[1]).toMatch(new RegExp(`^${id} .* unfinished: it has no manifest$`));
    expect((await backup(env, "restore", id, "--swap")).last).toBe(
      `failed: ${id} cannot be used: unfinished: it has no manifest`,
    );
    // The newest finished one is the other one.
    expect((await backup(env, "verify")).last).not.toContain(id);
  });
});
