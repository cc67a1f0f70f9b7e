import { join } from "node:path";
import { afterEach, expect, it } from "@jest/globals";
import { describeWith } from "../../../../testing/programs";
import { backup, temporaryFolder } from "../../support/backup";
import { startPostgres } from "../../support/postgres";
import { startRedis } from "../../support/redis";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two places from which the same database is backed up, as two jobs that started at once. */
async function twoJobs() {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  closers.push(
    () => redis.close(),
    () => postgres.close(),
  );
  const { login } = await postgres.create();
  const folder = await temporaryFolder(closers);
  const env = (name: string) => ({
    DATABASE_URL: postgres.url(login),
    REDIS_URL: redis.url,
    DATA_DIR: join(folder, name),
    BACKUP_DESTINATION: join(folder, "backups"),
  });
  return { redis, one: env("one"), other: env("other") };
}

describeWith(["redis-server"], "backups from several machines", () => {
  it("are made one at a time: the second fails and names the other", async () => {
    const { one, other } = await twoJobs();
    const results = await Promise.all([backup(one, "create"), backup(other, "create")]);
    const refused = results.filter(({ code }) => code === 1);
    expect(refused.map(({ last }) => last)).toEqual(["failed: another backup or restore is running"]);
    expect((await backup(one, "list")).lines).toHaveLength(1);
    // The lock is given back.
    expect((await backup(other, "create")).code).toBe(0);
  });

  it("go on without the lock where Redis is away, but nothing is restored then", async () => {
    const { redis, one } = await twoJobs();
    await redis.kill();
    const made = await backup(one, "create");
    expect(made).toMatchObject({ code: 0, text: expect.stringContaining("Redis does not answer") });
    expect(await backup(one, "restore", "--swap")).toMatchObject({
      code: 1,
      last: "failed: the lock cannot be taken: nobody could be kept from restoring too",
    });
  });
});
