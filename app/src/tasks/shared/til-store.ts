import { sql } from "kysely";
import type { Database } from "../../stores/postgres/database";

/** A TIL as it is kept. */
export interface StoredTil {
  /** UUID, of the row and of the vector. */
  readonly id: string;
  readonly user: string;
  /** ISO date of the day that it is about. */
  readonly date: string;
  readonly domain: string;
  readonly language: "ko" | "en";
  /** Names of the repositories. */
  readonly repos: readonly string[];
  readonly model: string;
  readonly adapter: string | null;
  readonly title: string;
  /** Markdown. */
  readonly content: string;
  readonly keywords: string[];
  /** Whether the text was cut off at its token limit. */
  readonly truncated: boolean;
}

/** TILs that were written, in PostgreSQL. Every method throws `AppError` 503 STORE_UNAVAILABLE where it does not answer. */
export class TilStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a TIL. A second time with the same id it changes nothing. */
  async add({ user, ...til }: StoredTil): Promise<void> {
    await this.#database.sql
      .insertInto("tils")
      .values({ ...til, user_name: user })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }

  /** A user's own TIL, or undefined: another user's is as good as none. */
  async find(id: string, user: string): Promise<StoredTil | undefined> {
    const row = await this.#database.sql
      .selectFrom("tils")
      .selectAll()
      .where("id", "=", id)
      .where("user_name", "=", user)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** A user's newest TILs, newest first. @param keyword only those that have it, upper and lower case alike */
  async newest(user: string, most: number, keyword?: string): Promise<StoredTil[]> {
    const rows = await this.#database.sql
      .selectFrom("tils")
      .selectAll()
      .where("user_name", "=", user)
      .$if(keyword !== undefined, (query) =>
        query.where(sql<boolean>`exists (select from unnest(keywords) as word where lower(word) = lower(${keyword}))`),
      )
      .orderBy("date", "desc")
      .orderBy("created_at", "desc")
      .limit(most)
      .execute();
    return rows.map(fromRow);
  }

  /** Every TIL, a page at a time. One that is written meanwhile may be left out. */
  async *pages(): AsyncGenerator<StoredTil[]> {
    let after: string | undefined;
    for (;;) {
      const rows = await this.#database.sql
        .selectFrom("tils")
        .selectAll()
        .$if(after !== undefined, (query) => query.where("id", ">", after ?? ""))
        .orderBy("id")
        .limit(PAGE)
        .execute();
      if (rows.length > 0) yield rows.map(fromRow);
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }
}

/** Rows that are read at once. */
const PAGE = 100;

interface Row extends Omit<StoredTil, "user" | "language" | "keywords"> {
  readonly user_name: string;
  readonly language: string;
  readonly keywords: readonly string[];
}

function fromRow(row: Row): StoredTil {
  const { id, date, domain, title, content, repos, model, adapter, truncated } = row;
  const language = row.language === "en" ? "en" : "ko";
  return {
    id,
    user: row.user_name,
    date,
    domain,
    language,
    title,
    content,
    keywords: [...row.keywords],
    repos,
    model,
    adapter,
    truncated,
  };
}
