import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { startNode } from "../../support/process";

const APP = join(__dirname, "../../..");
let folder = "";
let launcher = "";
let postgres: TestPostgres;
/** The bundle alone, as in the image: without node_modules there is no LanceDB. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "terrace-app-"));
  execFileSync(process.execPath, [join(APP, "build.mjs"), join(folder, "dist")]);
  cpSync(join(APP, "bin"), join(folder, "bin"), { recursive: true });
  launcher = join(folder, "bin", "terrace-app.cjs");
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const child = startNode([launcher, ...args], env);
  return { code: await child.ended, output: child.output() };
}

describe("the image's commands", () => {
  it("back up and restore a configured database", async () => {
    const { login } = await postgres.create();
    const backups = join(folder, "backups");
    const env = { DATABASE_URL: postgres.url(login), BACKUP_DESTINATION: backups, DATA_DIR: join(folder, "data") };
    expect(await run(env, "backup", "list")).toEqual({ code: 0, output: `no backups in ${backups}\n` });
    const made = await run(env, "backup", "create");
    expect(made.output).toMatch(/is complete: database, /);
    expect(made.code).toBe(0);
    const restored = await run(env, "backup", "restore", "--swap");
    expect(restored.output).toMatch(/is in use after/);
    expect(restored.code).toBe(0);
    const rehearsed = await run(env, "backup", "rehearse");
    expect(rehearsed).toMatchObject({ code: 0, output: expect.stringContaining("rehearsal good") });
    expect(readdirSync(backups)).toHaveLength(1);
  });

  it("name the variable to set where there is nothing to back up", async () => {
    const { code, output } = await run(
      { BACKUP_DESTINATION: folder, DATA_DIR: join(folder, "data") },
      "backup",
      "create",
    );
    expect(output).toContain("there is nothing to back up: set DATABASE_URL and QDRANT_URL");
    expect(code).toBe(2);
  });

  it("print their usage where one is misused", async () => {
    for (const args of [["nonsense"], ["backup"], ["watchdog"], ["migrate", "now"]]) {
      const { code, output } = await run({}, ...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(output).toContain("terrace-app");
    }
  });
});
