import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { z } from "zod";
import { BackupRecords } from "../../src/backup/backup-records";
import { HASHED_NGRAMS } from "../../src/retrieval/hashed-ngrams";
import { openLanceStore } from "../../src/retrieval/lance-store";
import { startOf } from "../../src/stores/process-identity";
import { backup, temporaryFolder } from "../support/backup";
import { TIL_BODY } from "../support/bodies";
import { startSimulatedGateway } from "../support/gateway";
import { startMetadata } from "../support/metadata";
import { startPostgres, type TestPostgres } from "../support/postgres";
import { testRetrieval } from "../support/retrieval";
import { startStorage } from "../support/storage";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A service's stores: a database, and a folder of vectors. */
async function service() {
  const folder = await temporaryFolder(closers);
  const { login, database, sql: db } = await postgres.create();
  const env = {
    DATABASE_URL: postgres.url(login),
    DATA_DIR: join(folder, "data"),
    BACKUP_DESTINATION: join(folder, "backups"),
  };
  return { env, db, database, backups: env.BACKUP_DESTINATION, vectors: join(env.DATA_DIR, "vectors", "lance") };
}

type Service = Awaited<ReturnType<typeof service>>;

const tilSchema = z.object({ id: z.uuid(), sources: z.array(z.object({ id: z.uuid(), score: z.number() })) });

/** Talks to a gateway over these stores, which then lets go of them. */
async function throughGateway<T>(
  { database, vectors }: Pick<Service, "database" | "vectors">,
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
  const { env, ...stores } = await service();
  await throughGateway(stores, async (post) => {
    await post("/til", til(11, "Cache cart totals in Redis"));
    await post("/til", til(12, "Let the cache of cart totals expire in Redis"));
    await post("/til", til(13, "Draw the landing page anew"));
  });
  const made = await backup(env, "create");
  expect(made).toMatchObject({ code: 0, last: expect.stringMatching(/^backup \S+ is complete: database and vectors/) });
  const [id = ""] = /\d{8}t\d{6}z-\w+/.exec(made.last) ?? [];
  return { env, ...stores, id };
}

async function asked(stores: Pick<Service, "database" | "vectors">) {
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

  it("is restored beside what is in use, compared and thrown away by a rehearsal, which says how long it took", async () => {
    const { env, id, db, vectors } = await lived();
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

  it("is noted in the database when it was read again, so that gateways show its age", async () => {
    const { env, id, db, database } = await lived();
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
    const { env, id, backups } = await lived();
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

describe("a damaged backup", () => {
  /** One part's bytes, changed. */
  async function damaged(backups: string, id: string, part: RegExp, change: (bytes: Buffer) => Buffer): Promise<void> {
    const name = (await readdir(join(backups, id))).find((file) => part.test(file)) ?? "";
    const path = join(backups, id, name);
    await writeFile(path, change(await readFile(path)));
  }

  const flipped = (bytes: Buffer) => {
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    return bytes;
  };

  it.each<[string, RegExp, (bytes: Buffer) => Buffer, RegExp]>([
    ["with a bit that flipped", /database\.tils/, flipped, /database\.tils\.ndjson\.gz is damaged/],
    [
      "with a part cut short",
      /database\.tils/,
      (bytes) => bytes.subarray(0, -40),
      /database\.tils\.ndjson\.gz is damaged/,
    ],
    ["with an empty part", /vectors\.tils/, () => Buffer.alloc(0), /vectors\.tils.* is damaged/],
    [
      "with bytes added",
      /vectors\.tils/,
      (bytes) => Buffer.concat([bytes, Buffer.from("x")]),
      /vectors\.tils.* is damaged/,
    ],
  ])("%s is found by verify and by restore, and nothing in use has changed", async (_, part, change, why) => {
    const { env, id, backups, ...stores } = await lived();
    await damaged(backups, id, part, change);
    const verified = await backup(env, "verify", id);
    expect(verified).toMatchObject({ code: 1, last: expect.stringMatching(why) });
    const restored = await backup(env, "restore", id, "--swap");
    expect(restored).toMatchObject({ code: 1, last: expect.stringMatching(why) });
    expect((await backup(env, "rehearse")).code).toBe(1);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from tils`.execute(stores.db);
    expect(rows).toEqual([{ n: 3 }]);
    expect((await asked(stores)).sources.length).toBeGreaterThanOrEqual(2);
  });

  it("with a part that is gone says which", async () => {
    const { env, id, backups } = await lived();
    await rm(join(backups, id, "database.tils.ndjson.gz"));
    expect((await backup(env, "verify")).last).toMatch(/^failed: there is no .*database\.tils\.ndjson\.gz in /);
  });

  it("whose vectors are not those that were backed up is found by their neighbours, though all are there", async () => {
    const { env, id, backups } = await lived();
    const manifestPath = join(backups, id, "manifest.json");
    const manifest = JSON.parse(await readFile(manifestPath, "utf8"));
    const [{ samples }] = manifest.vectors.collections;
    expect(samples).toHaveLength(3);
    // As a copy would give that mixed vectors up.
    for (const sample of samples) for (const neighbour of sample.neighbours) neighbour.score -= 0.2;
    await writeFile(manifestPath, JSON.stringify(manifest));
    expect((await backup(env, "rehearse")).last).toMatch(
      /tils: of 9 neighbours of 3 sampled points only \d are found again/,
    );
  });
});

describe("a restore", () => {
  it("refuses another embedder's vectors, and takes the database alone", async () => {
    const { env, id, backups } = await lived();
    const path = join(backups, id, "manifest.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(`"space": "${HASHED_NGRAMS.id}`, '"space": "ko-sbert-multitask'));
    const refused = await backup(env, "restore", id, "--swap");
    expect(refused).toMatchObject({ code: 1, lines: expect.arrayContaining([expect.stringContaining("restoring")]) });
    expect(refused.last).toMatch(
      /the backup's vectors are those of ko-sbert-multitask .* the gateway's of hashed-ngrams/,
    );
    // Nothing was begun.
    expect(refused.text).not.toContain("rows restored");
    expect((await backup(env, "restore", id, "--swap", "--only", "database")).code).toBe(0);
  });

  it("refuses a newer release's schema", async () => {
    const { env, id, backups } = await lived();
    const path = join(backups, id, "manifest.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"0003-backups"', '"0003-backups", "9000-more"'));
    expect((await backup(env, "restore", "--into-temp")).last).toMatch(
      /newer than this release, which does not know 9000-more/,
    );
  });

  it("needs nothing of a store that it does not restore", async () => {
    const { env, ...stores } = await lived();
    const away = { ...env, DATABASE_URL: "postgresql://terrace@127.0.0.1:1/terrace" };
    expect((await backup(away, "list")).code).toBe(0);
    expect(await backup(away, "restore", "--swap", "--only", "vectors")).toMatchObject({ code: 0 });
    expect((await asked(stores)).sources.length).toBeGreaterThanOrEqual(2);
  });

  it("of the embedded vectors waits for the gateway to stop", async () => {
    const { env } = await lived();
    await writeFile(join(env.DATA_DIR, "vectors", "gateway.pid"), `1 ${startOf(1)}`);
    const refused = await backup(env, "rehearse");
    expect(refused).toMatchObject({ code: 2, last: expect.stringMatching(/process 1 uses this folder/) });
  });
});

describe("a backup into a bucket", () => {
  it("is made, listed and restored through Cloud Storage's API, broken connections and all", async () => {
    const { env, ...stores } = await lived();
    const [storage, metadata] = await Promise.all([startStorage(), startMetadata()]);
    closers.push(storage.close, metadata.close);
    const bucket = {
      ...env,
      BACKUP_DESTINATION: "gs://backups/demo/",
      STORAGE_URL: storage.url,
      METADATA_URL: metadata.url,
    };
    storage.faults.breakUploadAfter = 1;
    const made = await backup(bucket, "create");
    expect(made).toMatchObject({
      code: 0,
      lines: expect.arrayContaining([expect.stringContaining("gs://backups/demo")]),
    });
    expect([...storage.objects.keys()].every((name) => name.startsWith("demo/2"))).toBe(true);
    storage.faults.breakDownloadAfter = 100;
    expect((await backup(bucket, "restore", "--swap")).code).toBe(0);
    expect((await asked(stores)).sources.length).toBeGreaterThanOrEqual(2);
  });

  it("that breaks off for good is none: it has no manifest, and the last good one stays", async () => {
    const { env } = await lived();
    const [storage, metadata] = await Promise.all([startStorage(), startMetadata()]);
    closers.push(storage.close, metadata.close);
    const bucket = {
      ...env,
      BACKUP_DESTINATION: "gs://backups/demo",
      STORAGE_URL: storage.url,
      METADATA_URL: metadata.url,
    };
    await backup(bucket, "create");
    const good = [...storage.objects.keys()];
    storage.faults.forgetSessions = true;
    expect(await backup(bucket, "create", "--keep-days", "1")).toMatchObject({
      code: 1,
      last: expect.stringMatching(/410 Gone$/),
    });
    expect([...storage.objects.keys()]).toEqual(good);
    storage.faults.forgetSessions = false;
    expect((await backup(bucket, "verify")).code).toBe(0);
  });

  it("leaves to the bucket what its retention keeps, and says so", async () => {
    const { env, id, backups } = await lived();
    const [storage, metadata] = await Promise.all([startStorage(), startMetadata()]);
    closers.push(storage.close, metadata.close);
    const old = id.replace(/^\d{8}/, "20260101");
    for (const name of await readdir(join(backups, id))) {
      const text = await readFile(join(backups, id, name));
      storage.objects.set(
        `demo/${old}/${name}`,
        name === "manifest.json" ? Buffer.from(String(text).replaceAll(id, old)) : text,
      );
    }
    storage.faults.retention = true;
    const bucket = {
      ...env,
      BACKUP_DESTINATION: "gs://backups/demo",
      STORAGE_URL: storage.url,
      METADATA_URL: metadata.url,
    };
    const kept = await backup(bucket, "create", "--keep-days", "35");
    expect(kept).toMatchObject({ code: 0, last: expect.stringMatching(`^  ${old}: kept; .*retention policy`) });
    storage.faults.retention = false;
    expect((await backup(bucket, "create", "--keep-days", "35")).last).toBe(`  ${old}: deleted, older than 35 days`);
    expect([...storage.objects.keys()].some((name) => name.includes(old))).toBe(false);
  });
});

describe("the command", () => {
  it.each([
    [[], "What shall backup do?"],
    [["burn"], "backup cannot burn"],
    [["restore"], "restore wants --into-temp or --swap"],
    [["create", "x"], "create takes no ID"],
    [["create", "--keep-days", "0"], "--keep-days is a whole number above 0, not 0"],
    [["create", "--only", "redis"], "--only is database or vectors, not redis"],
    [["list", "--all"], "Unknown option '--all'"],
  ])("%j is refused with a line and the usage, and opens nothing", async (args, why) => {
    const { code, lines } = await backup({}, ...args);
    expect(code).toBe(2);
    expect(lines[0]).toContain(why);
    expect(lines[1]).toMatch(/^Usage: terrace-app backup create/);
  });

  it("without a destination says what to set", async () => {
    expect(await backup({}, "list")).toMatchObject({
      code: 2,
      lines: [expect.stringMatching(/^BACKUP_DESTINATION is not set: .*BACKUP_DESTINATION='gs:\/\//)],
    });
  });
});
