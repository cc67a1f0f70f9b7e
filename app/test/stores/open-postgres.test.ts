import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { readConfig } from "../../src/config/config";
import { migrateCommand } from "../../src/jobs/migrate-command";
import { MIGRATIONS } from "../../src/stores/postgres/migrations/all-migrations";
import { migrate } from "../../src/stores/postgres/migrator";
import { openPostgres } from "../../src/stores/postgres/open-postgres";
import { startPostgres, type TestPostgres } from "../support/postgres";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(url: string, waitMs = 10_000, onProgress: (line: string) => void = () => {}) {
  const opened = await openPostgres({ ...readConfig({ DATABASE_URL: url }), onProgress, onState: () => {}, waitMs });
  closers.push(() => opened.close());
  return opened;
}

async function command(environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const code = await migrateCommand(readConfig(environment), (line) => void lines.push(line));
  return { code, lines };
}

const NAMES = Object.keys(MIGRATIONS);

describe("openPostgres with DATABASE_URL", () => {
  it("refuses a schema behind this release, with the step and the command, and leaves it as it is", async () => {
    const login = await postgres.createEmpty();
    const url = postgres.url(login);
    await expect(open(url)).rejects.toThrow(
      /^The database at localhost\/test_\w+ does not suit: it is behind this release: 0001-tils, .*terrace-app migrate$/,
    );
    expect((await command({ DATABASE_URL: url })).lines).toHaveLength(NAMES.length + 1);
    await (await open(url)).database.check();
  });

  it("accepts a schema ahead of this release", async () => {
    const { login, sql } = await postgres.create();
    await migrate(sql, { steps: { ...MIGRATIONS, "9000-more": { up: async () => {} } } });
    expect((await open(postgres.url(login))).kind).toBe("server");
  });

  it("waits for a server that is not up yet, and prints a line", async () => {
    const { login } = await postgres.create();
    await postgres.kill();
    const lines: string[] = [];
    const waiting = new Promise<void>((resolve) => {
      closers.push(async () => resolve());
      void open(postgres.url(login), 30_000, (line) => {
        lines.push(line);
        void postgres.restart();
      }).then(() => resolve());
    });
    await waiting;
    expect(lines).toEqual([
      expect.stringMatching(/^waiting for PostgreSQL at localhost\/test_\w+: connect (ENOENT|ECONNREFUSED)/),
    ]);
  });

  it("ends the start for a server that does not come up, without its password in any line", async () => {
    const lines: string[] = [];
    const opening = open("postgresql://u:pass-word@127.0.0.1:1/d", 0, (line) => void lines.push(line));
    await expect(opening).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:1\/d did not answer within 0 s: .*ECONNREFUSED/);
    await expect(opening).rejects.not.toThrow(/pass-word/);
    expect(lines.join()).not.toContain("pass-word");
  });
});

describe("terrace-app migrate", () => {
  it("runs and prints every step, and has nothing to do the second time", async () => {
    const login = await postgres.createEmpty();
    const url = postgres.url(login);
    const address = `localhost/${login.database}`;
    expect(await command({ DATABASE_URL: url })).toEqual({
      code: 0,
      lines: [
        ...NAMES.map((name) => `${address}: ${name}`),
        `${address} is up to date now: ${NAMES.length} steps ran.`,
      ],
    });
    expect(await command({ DATABASE_URL: url })).toEqual({ code: 0, lines: [`${address} is up to date.`] });
  });

  it("fails with 1 and the reason where the schema belongs to another line", async () => {
    const login = await postgres.createEmpty();
    await migrate(postgres.open(login).sql, { steps: { "0000-other": { up: async () => {} } } });
    const { code, lines } = await command({ DATABASE_URL: postgres.url(login) });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining("another line of releases")] });
  });

  it("needs DATABASE_URL", async () => {
    expect(await command({})).toEqual({ code: 2, lines: [expect.stringContaining("DATABASE_URL is not set")] });
  });
});
