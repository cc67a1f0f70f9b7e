import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { HASHED_NGRAMS } from "../../../src/retrieval/hashed-embedder";
import { startOf } from "../../../src/stores/process-identity";
import { ALL, backedUpService, whatItHas } from "../../support/backed-up-service";
import { backup } from "../../support/backup";
import { startPostgres, type TestPostgres } from "../../support/postgres";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const lived = () => backedUpService(postgres, closers);

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
    expect(await whatItHas(stores)).toEqual(ALL);
  });

  it("is refused with the missing part's name", async () => {
    const { env, id, backups } = await lived();
    await rm(join(backups, id, "database.tils.ndjson.gz"));
    expect((await backup(env, "verify")).last).toMatch(/^failed: there is no .*database\.tils\.ndjson\.gz in /);
  });

  it("is found by its neighbours where vectors changed though all are there", async () => {
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

describe("restoring a backup", () => {
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
    expect((await backup(env, "verify")).last).toMatch(/which does not know 9000-more/);
    expect((await backup(env, "restore", "--into-temp")).last).toMatch(
      /newer than this release, which does not know 9000-more/,
    );
  });

  it("does not open a store that it does not restore", async () => {
    const { env, ...stores } = await lived();
    const away = { ...env, DATABASE_URL: "postgresql://terrace@127.0.0.1:1/terrace" };
    expect((await backup(away, "list")).code).toBe(0);
    expect(await backup(away, "restore", "--swap", "--only", "vectors")).toMatchObject({ code: 0 });
    expect(await whatItHas(stores)).toEqual(ALL);
  });

  it("waits for the gateway to stop before it restores embedded vectors", async () => {
    const { env } = await lived();
    await writeFile(join(env.DATA_DIR, "vectors", "gateway.pid"), `1 ${startOf(1)}`);
    const refused = await backup(env, "rehearse");
    expect(refused).toMatchObject({ code: 2, last: expect.stringMatching(/process 1 uses this folder/) });
  });
});
