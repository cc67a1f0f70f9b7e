import type { ColumnType, Generated } from "kysely";

/** Notes that the gateway wrote. */
interface TilsTable {
  /** @default a random UUID, made by PostgreSQL */
  readonly id: Generated<string>;
  readonly user_name: string;
  /** `YYYY-MM-DD`, the day that the note is about. */
  readonly date: string;
  readonly domain: string;
  /** `ko` or `en`. */
  readonly language: string;
  readonly title: string;
  /** Markdown. */
  readonly content: string;
  readonly keywords: readonly string[];
  /** Names of the repositories. */
  readonly repos: readonly string[];
  readonly model: string;
  /** `null`: the base model wrote it. */
  readonly adapter: string | null;
  /** Whether the text was cut off at its token limit. @default false */
  readonly truncated: Generated<boolean>;
  readonly created_at: ColumnType<Date, Date | undefined, never>;
}

export interface TilTables {
  readonly tils: TilsTable;
}
