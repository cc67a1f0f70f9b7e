import { join } from "node:path";
import { sql } from "kysely";
import { openLanceStore } from "../../src/retrieval/lance-store";
import { pointId } from "../../src/retrieval/point-id";
import { backup, temporaryFolder } from "./backup";
import type { TestPostgres } from "./postgres";
import { testRetrieval } from "./retrieval";

const USER = "jimin";

/** Notes, some of which are near each other. */
const NOTES = [
  "Cache cart totals in Redis",
  "Let the cache of cart totals expire in Redis",
  "Draw the landing page anew",
];

/** The embedded stores of a service, empty: a database, and a folder for vectors. */
export async function embeddedService(postgres: TestPostgres, closers: (() => Promise<void>)[]) {
  const folder = await temporaryFolder(closers);
  const { login, database, sql: db } = await postgres.create();
  const env = {
    DATABASE_URL: postgres.url(login),
    DATA_DIR: join(folder, "data"),
    BACKUP_DESTINATION: join(folder, "backups"),
  };
  return { env, db, database, backups: env.BACKUP_DESTINATION, vectors: join(env.DATA_DIR, "vectors", "lance") };
}

export type EmbeddedService = Awaited<ReturnType<typeof embeddedService>>;

/** Makes a backup. @returns its id */
export async function backedUp(env: Readonly<Record<string, string>>): Promise<string> {
  const { code, last, text } = await backup(env, "create");
  const id = /^backup (\S+) is complete: database and vectors/.exec(last)?.[1];
  if (code !== 0 || id === undefined) throw new Error(text);
  return id;
}

/** A service with three notes, and its backup. */
export async function backedUpService(postgres: TestPostgres, closers: (() => Promise<void>)[]) {
  const service = await embeddedService(postgres, closers);
  const rest = { domain: "commit", language: "en" as const };
  const notes = NOTES.map((title, index) => ({ id: pointId(title), title, date: `2026-11-1${index}` }));
  await service.db
    .insertInto("tils")
    .values(
      notes.map((note) => ({
        ...note,
        ...rest,
        user_name: USER,
        content: note.title,
        keywords: [],
        repos: [],
        model: "m",
      })),
    )
    .execute();
  const retrieval = testRetrieval({ store: await openLanceStore(service.vectors) });
  await retrieval.knowledge.addAll(
    notes.map(({ id, ...note }) => ({ id, text: note.title, metadata: { ...note, ...rest, user: USER, repo: [] } })),
  );
  await retrieval.close();
  return { ...service, id: await backedUp(service.env) };
}

/** What a service has: titles of its notes, and of those that are found by their meaning. */
export async function whatItHas({ db, vectors }: Pick<EmbeddedService, "db" | "vectors">) {
  const { rows } = await sql<{ title: string }>`select title from tils order by date`.execute(db);
  const retrieval = testRetrieval({ store: await openLanceStore(vectors) });
  const found = await retrieval.knowledge.retrieve({ text: "expiring cart totals in the Redis cache", user: USER });
  await retrieval.close();
  return { notes: rows.map(({ title }) => title), found: found.map(({ metadata }) => metadata.title) };
}

/** What {@link backedUpService} has. */
export const ALL = { notes: NOTES, found: NOTES };
