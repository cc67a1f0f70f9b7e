import type { ColumnType, Generated, GeneratedAlways } from "kysely";

/** LoRA adapters. Rows are never deleted: the history names them. */
interface AdaptersTable {
  /** @default a random UUID, made by PostgreSQL */
  readonly id: Generated<string>;
  readonly name: string;
  readonly base_model: string;
  readonly version: number;
  readonly uri: string;
  readonly sha256: string;
  /** `null`: everybody's. */
  readonly owner: string | null;
  readonly domain: string;
  /** @default `staged` */
  readonly status: Generated<"staged" | "active" | "retired">;
  readonly created_at: ColumnType<Date, Date | undefined, never>;
}

/** Every move of a pointer (an owner's domain), oldest first by `id`. */
interface AdapterActivationsTable {
  readonly id: GeneratedAlways<number>;
  readonly at: ColumnType<Date, Date | undefined, never>;
  /** Name of the caller whose token it was. */
  readonly who: string;
  readonly action: "activate" | "rollback" | "retire";
  readonly owner: string | null;
  readonly domain: string;
  /** `null`: the base model. */
  readonly from_name: string | null;
  readonly to_name: string | null;
}

export interface AdapterTables {
  readonly adapters: AdaptersTable;
  readonly adapter_activations: AdapterActivationsTable;
}
