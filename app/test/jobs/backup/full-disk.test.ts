import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { checkRoom } from "../../../src/jobs/backup/disk-room";
import { startOf } from "../../../src/stores/process-identity";
import { ALL, backedUpService, whatItHas } from "../../support/backed-up-service";
import { backup, temporaryFolder } from "../../support/backup";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { itWithSmallDisk, mountSmallDisk } from "../../support/small-disk";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const withDisk = itWithSmallDisk();

function disk(mebibytes: number) {
  const mounted = mountSmallDisk(mebibytes);
  closers.push(() => mounted.close());
  return mounted;
}

async function service() {
  return backedUpService(postgres, closers as (() => Promise<void>)[]);
}

describe("backup create on a full disk", () => {
  withDisk("names the disk, with what is needed and free, and leaves nothing behind", async () => {
    const { env, db } = await service();
    // Random text, which does not pack.
    await sql`update tils set content = (select string_agg(md5(random()::text || n), '') from generate_series(1, 40000) n)`.execute(
      db,
    );
    const { path } = disk(1);
    const made = await backup({ ...env, BACKUP_DESTINATION: path }, "create");
    expect(made).toMatchObject({
      code: 1,
      last: expect.stringMatching(
        /^failed: no space left on \S+ for \S+\/database\.tils\.ndjson\.gz: needs more than [\d.]+ [kM]B, free [\d.]+ [kM]B$/,
      ),
    });
    expect(made.last).toContain(path);
    expect(await readdir(path)).toEqual([]);
  });
});

describe("backup restore on a disk that cannot hold it", () => {
  withDisk("is refused with the bytes, before anything is changed", async () => {
    const { env, id, db, vectors } = await service();
    const small = disk(4);
    await mkdir(join(small.path, "data"));
    small.fill(64 * 1024);
    const onSmall = { ...env, DATA_DIR: join(small.path, "data") };
    const before = await readdir(small.path);
    for (const mode of ["--into-temp", "--swap"]) {
      const restored = await backup(onSmall, "restore", id, mode);
      expect(restored).toMatchObject({ code: 1 });
      const [, needed, free] =
        /^failed: no space left on the disk of \S+ for the backup's vectors: needs (\d+) bytes \(\S+ MB\), free (\d+) bytes \(\S+ kB\)$/.exec(
          restored.last,
        ) ?? [];
      expect(Number(free)).toBeLessThanOrEqual(64 * 1024);
      expect(Number(needed)).toBeGreaterThan(Number(free));
    }
    expect(await readdir(small.path)).toEqual(before);
    const { rows } = await sql`select 1 from pg_namespace where nspname like 'terrace%'`.execute(db);
    expect(rows).toEqual([]);
    expect(await whatItHas({ db, vectors })).toEqual(ALL);
    small.empty();
    expect((await backup(onSmall, "restore", id, "--swap")).code).toBe(0);
  });

  it("counts what goes to one disk together, also where the folder is not there yet", async () => {
    const folder = join(await temporaryFolder(closers as (() => Promise<void>)[]), "not/there/yet");
    const most = Number.MAX_SAFE_INTEGER / 4;
    await checkRoom([{ what: "a", folder, bytes: 1 }]);
    await expect(
      checkRoom([
        { what: "one", folder, bytes: most },
        { what: "another", folder, bytes: most },
      ]),
    ).rejects.toThrow(new RegExp(` for one and another: needs ${2 * most} bytes`));
  });
});

describe("backup create --only database", () => {
  it("works while a gateway uses the folder of the vectors", async () => {
    const { env } = await service();
    const gateway = spawn("sleep", ["60"], { stdio: "ignore" });
    closers.push(() => void gateway.kill("SIGKILL"));
    await writeFile(join(env.DATA_DIR, "vectors", "gateway.pid"), `${gateway.pid} ${startOf(gateway.pid ?? 0)}\n`);
    expect(await backup(env, "create", "--only", "database")).toMatchObject({
      code: 0,
      last: expect.stringMatching(/is complete: database,/),
    });
    expect(await backup(env, "create")).toMatchObject({ code: 2, text: expect.stringMatching(/uses this folder/) });
  });
});
