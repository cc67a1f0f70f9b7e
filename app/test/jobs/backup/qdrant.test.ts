import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { QdrantAdmin } from "../../../src/jobs/backup/vectors/qdrant-admin";
import { EmbeddingSpace } from "../../../src/retrieval/embedding-space";
import { HASHED_NGRAMS } from "../../../src/retrieval/hashed-embedder";
import { TILS } from "../../../src/retrieval/knowledge-base";
import { CALIBRATIONS } from "../../../src/retrieval/load-calibrations";
import { openQdrantStore } from "../../../src/retrieval/qdrant-store";
import { backup, temporaryFolder, watchedBackup } from "../../support/backup";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { qdrantServers } from "../../support/qdrant";
import type { QdrantServer } from "../../support/qdrant-server";
import { testRetrieval } from "../../support/retrieval";

const qdrants = qdrantServers();
const KEY = qdrants.apiKey;

let postgres: TestPostgres;
/** Of all tests that need one server of one node: a new one takes a second. */
let shared: QdrantServer;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const SPACE = new EmbeddingSpace(HASHED_NGRAMS, CALIBRATIONS.get(HASHED_NGRAMS.id));
const SPEC = { ...TILS, space: SPACE.id, dim: SPACE.dim };
const WORDS = [
  "redis",
  "lock",
  "cache",
  "expiry",
  "cart",
  "total",
  "lua",
  "owner",
  "queue",
  "token",
  "stream",
  "proxy",
];

/** Texts that differ, of which some are near each other. */
function text(index: number): string {
  return [index, index * 5, index * 7 + 1, Math.floor(index / 3)].map((n) => WORDS[n % WORDS.length]).join(" ");
}

async function startServer(nodes = 1) {
  const server = await qdrants.start({ apiKey: KEY, nodes });
  closers.push(() => server.close());
  return server;
}

async function emptied(server: QdrantServer): Promise<QdrantServer> {
  const admin = new QdrantAdmin(server);
  for (const name of await admin.collections()) await admin.deleteCollection(name);
  return server;
}

/** A Qdrant with texts, and the environment of a gateway that uses it. The database is one that no test looks at. */
async function service({ nodes = 1, texts = 60 } = {}) {
  const server = nodes === 1 ? await emptied(shared) : await startServer(nodes);
  const { login } = await postgres.create();
  const folder = await temporaryFolder(closers);
  const env = {
    DATABASE_URL: postgres.url(login),
    QDRANT_URL: server.url,
    QDRANT_API_KEY: KEY,
    DATA_DIR: join(folder, "data"),
    BACKUP_DESTINATION: join(folder, "backups"),
  };
  await add(server.url, 0, texts);
  return { env, backups: env.BACKUP_DESTINATION, admin: new QdrantAdmin(server) };
}

async function add(url: string, from: number, to: number): Promise<void> {
  const store = await openQdrantStore({ url, apiKey: KEY });
  const retrieval = testRetrieval({ store });
  const documents = Array.from({ length: to - from }, (_, offset) => {
    const index = from + offset;
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    const metadata = { user: "jimin", repo: ["shop"], date: "2026-11-20", domain: "commit", language: "ko" as const };
    return { id, text: text(index), metadata: { ...metadata, title: `note ${index}` } };
  });
  await retrieval.knowledge.addAll(documents);
  await retrieval.close();
}

async function found(url: string) {
  const retrieval = testRetrieval({ store: await openQdrantStore({ url, apiKey: KEY }) });
  const answers = [];
  for (const question of ["redis lock expiry", "cart total cache", "stream proxy token"]) {
    const passages = await retrieval.knowledge.retrieve({ text: question, user: "jimin", k: 5 });
    // Several are equally near.
    answers.push(passages.map(({ score }) => score.toFixed(4)));
  }
  await retrieval.close();
  return answers;
}

async function count(url: string): Promise<number> {
  const store = await openQdrantStore({ url, apiKey: KEY });
  return (await store.collection(SPEC)).count();
}

qdrants.describe(`a backup of ${qdrants.name}`, () => {
  beforeAll(async () => {
    [postgres, shared] = await Promise.all([startPostgres(), qdrants.start({ apiKey: KEY })]);
  });
  afterAll(() => Promise.all([postgres.close(), shared.close()]));

  it("is a snapshot of a single node, taken off its disk again, and restores a server that lost everything", async () => {
    const { env, backups, admin } = await service();
    const before = await found(env.QDRANT_URL);
    const made = await backup(env, "create");
    expect(made.code).toBe(0);
    const [id = ""] = await readdir(backups);
    const manifest = JSON.parse(await readFile(join(backups, id, "manifest.json"), "utf8"));
    expect(manifest.vectors).toMatchObject({
      store: "qdrant",
      embedder: { id: HASHED_NGRAMS.id, space: SPACE.id, dim: SPACE.dim },
      collections: [{ name: "tils", format: "qdrant-snapshot", points: { least: 60, most: 60 } }],
    });
    expect(manifest.vectors.collections[0].samples).toHaveLength(20);
    const physical = (await admin.aliases()).get(`tils.${SPACE.id.replace(" ", "-")}`) ?? "";
    expect(physical).toMatch(/\.1$/);
    const left = await fetch(`${env.QDRANT_URL}/collections/${physical}/snapshots`, { headers: { "api-key": KEY } });
    expect(await left.json()).toMatchObject({ result: [] });

    const fresh = await startServer();
    const after = { ...env, QDRANT_URL: fresh.url };
    expect((await backup(after, "restore", "--swap", "--only", "vectors")).code).toBe(0);
    expect(await count(fresh.url)).toBe(60);
    expect(await found(fresh.url)).toEqual(before);
  });

  it("takes the place of what is in use by aliases, keeps that, and leaves no third one", async () => {
    const { env, admin } = await service({ texts: 30 });
    await backup(env, "create");
    const before = await found(env.QDRANT_URL);
    await add(env.QDRANT_URL, 30, 60);
    const live = `tils.${SPACE.id.replace(" ", "-")}`;
    const replaced = live.replace("tils", "tils-replaced");
    const first = (await admin.aliases()).get(live);
    // An open collection keeps its alias.
    const store = await openQdrantStore({ url: env.QDRANT_URL, apiKey: KEY });
    const opened = await store.collection(SPEC);
    expect(await opened.count()).toBe(60);
    const swapped = await backup(env, "restore", "--swap", "--only", "vectors");
    expect(swapped).toMatchObject({ code: 0 });
    expect(await opened.count()).toBe(30);
    expect(await found(env.QDRANT_URL)).toEqual(before);
    const second = (await admin.aliases()).get(live);
    expect((await admin.aliases()).get(replaced)).toBe(first);
    for (let again = 0; again < 2; again += 1) {
      expect((await backup(env, "restore", "--swap", "--only", "vectors")).code).toBe(0);
      expect(await opened.count()).toBe(30);
    }
    expect(await admin.collections()).toHaveLength(2);
    expect(await admin.collections()).not.toContain(first);
    expect(await admin.collections()).not.toContain(second);
    expect([...(await admin.aliases()).keys()].sort()).toEqual([replaced, live].sort());
  });

  it("is rehearsed without a trace, after an interrupted restore too", async () => {
    const { env, admin } = await service({ texts: 10 });
    await backup(env, "create");
    const aliases = await admin.aliases();
    expect((await backup(env, "restore", "--into-temp", "--only", "vectors")).code).toBe(0);
    expect(await admin.collections()).toHaveLength(2);
    expect((await backup(env, "rehearse")).last).toMatch(/^rehearsal good: .* 10 vectors of/);
    expect(await admin.collections()).toHaveLength(1);
    expect(await admin.aliases()).toEqual(aliases);
  });

  it("is refused where its snapshot is damaged, and nothing has changed", async () => {
    const { env, backups, admin } = await service({ texts: 10 });
    await backup(env, "create");
    const [id = ""] = await readdir(backups);
    const file = (await readdir(join(backups, id))).find((name) => name.endsWith(".snapshot")) ?? "";
    const path = join(backups, id, file);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect((await backup(env, "verify")).last).toMatch(/snapshot is damaged: its SHA-256 is/);
    const aliases = await admin.aliases();
    expect(await backup(env, "restore", "--swap", "--only", "vectors")).toMatchObject({
      code: 1,
      last: expect.stringMatching(/is damaged: its SHA-256 is/),
    });
    expect(await admin.aliases()).toEqual(aliases);
    expect(await found(env.QDRANT_URL)).not.toEqual([[], [], []]);
  });

  qdrants.standInOnly("a cluster of three nodes")(
    "is copied point by point from a cluster, and readable by LanceDB too",
    async () => {
      const { env, backups } = await service({ nodes: 3 });
      const before = await found(env.QDRANT_URL);
      const made = await backup(env, "create");
      expect(made.text).toContain("3 nodes, copied point by point");
      const [id = ""] = await readdir(backups);
      expect((await readdir(join(backups, id))).some((name) => name.endsWith(".snapshot"))).toBe(false);
      expect((await backup(env, "restore", "--swap", "--only", "vectors")).code).toBe(0);
      expect(await found(env.QDRANT_URL)).toEqual(before);
      const { QDRANT_URL: _, ...embedded } = env;
      expect(await backup(embedded, "rehearse")).toMatchObject({ code: 0 });
    },
  );

  it("is refused by LanceDB where it is a snapshot, before anything is restored", async () => {
    const { env } = await service({ texts: 3 });
    await backup(env, "create");
    const { QDRANT_URL: _, ...embedded } = env;
    expect((await backup(embedded, "restore", "--into-temp", "--only", "vectors")).last).toBe(
      "failed: tils is a snapshot of Qdrant, which lancedb cannot read: set QDRANT_URL",
    );
  });

  it("does not count when it is cut off, and leaves no snapshot on the server", async () => {
    const { env, backups, admin } = await service({ texts: 3 });
    const ended = await watchedBackup(env, ["create"], (line) => {
      if (line.startsWith("backup ")) process.emit("SIGTERM", "SIGTERM");
    });
    expect(ended).toMatchObject({ code: 1, last: "failed: ended by SIGTERM" });
    const [physical = ""] = await admin.collections();
    const left = await fetch(`${env.QDRANT_URL}/collections/${physical}/snapshots`, { headers: { "api-key": KEY } });
    expect(await left.json()).toMatchObject({ result: [] });
    expect((await backup(env, "verify")).last).toBe(`failed: there is no finished backup in ${backups}`);
    expect((await backup(env, "create")).code).toBe(0);
  });

  it("fails in one line where Qdrant is away", async () => {
    const { env } = await service({ texts: 3 });
    const away = { ...env, QDRANT_URL: "http://127.0.0.1:1" };
    expect(await backup(away, "create")).toMatchObject({ code: 1, last: expect.stringMatching(/^failed: .*Qdrant/) });
    expect((await backup(env, "list")).lines).toEqual([expect.stringMatching(/^no backups in /)]);
  });
});
