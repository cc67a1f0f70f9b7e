import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { ALL, backedUpService, whatItHas } from "../../support/backed-up-service";
import { backup } from "../../support/backup";
import { startMetadata } from "../../support/metadata";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { startStorage } from "../../support/storage";

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
    expect(await whatItHas(stores)).toEqual(ALL);
  });

  it("has no manifest when it breaks off for good, and the last good one stays", async () => {
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

  it("leaves objects under the bucket's retention alone, and prints so", async () => {
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
