import { type Selectable, sql } from "kysely";
import type { Sql } from "../../stores/postgres/database";
import type { AdapterTables } from "../../stores/postgres/tables/adapters-table";
import type { Activation } from "./activation";
import { type Adapter, type AnyAdapter, type PointerKey, transition } from "./adapter";
import type { AdapterRepository, Flip, NewAdapter, Pointers } from "./adapter-repository";

/**
 * Key of the advisory lock under which pointers move, of every owner and domain: the ids of the history are then given
 * in the order of commits, so that the newest id shows every gateway whether anything moved. Any number will do that no
 * other lock of the database uses; these are the letters "adap".
 */
const MOVES_LOCK = 0x61646170;

/** Adapters in PostgreSQL. */
export class PostgresAdapterRepository implements AdapterRepository {
  readonly #db: Sql;

  constructor(db: Sql) {
    this.#db = db;
  }

  async register({ name, baseModel, version, uri, sha256, owner, domain }: NewAdapter) {
    const row = await this.#db
      .insertInto("adapters")
      .values({ name, base_model: baseModel, version, uri, sha256, owner, domain })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : { ...fields(row), status: "staged" as const };
  }

  async find(name: string): Promise<AnyAdapter | undefined> {
    return find(this.#db, name);
  }

  async list(): Promise<readonly AnyAdapter[]> {
    const query = this.#db.selectFrom("adapters").selectAll().orderBy("created_at", "desc").orderBy("name");
    return (await query.execute()).map(toAdapter);
  }

  async revision(): Promise<number> {
    return revision(this.#db);
  }

  async pointers(): Promise<Pointers> {
    // One snapshot for both, or the revision could be newer than the adapters.
    const transaction = this.#db.transaction().setIsolationLevel("repeatable read");
    return transaction.execute(async (db) => {
      const rows = await db
        .selectFrom("adapters")
        .selectAll()
        .where("status", "=", "active")
        .orderBy(
          (query) =>
            query
              .selectFrom("adapter_activations")
              .select(({ fn }) => fn.max("adapter_activations.id").as("id"))
              .whereRef("adapter_activations.to_name", "=", "adapters.name"),
          "desc",
        )
        .execute();
      const active = rows.map((row) => ({ ...fields(row), status: "active" as const }));
      return { revision: await revision(db), active };
    });
  }

  async history({ owner, domain }: PointerKey): Promise<readonly Activation[]> {
    const rows = await this.#db
      .selectFrom("adapter_activations")
      .selectAll()
      .where("owner", "is not distinct from", owner)
      .where("domain", "=", domain)
      .orderBy("id")
      .execute();
    return rows.map(toActivation);
  }

  async flip({ owner, domain, action, who, from, to }: Flip): Promise<Activation | undefined> {
    return this.#db.transaction().execute(async (db) => {
      await sql`select pg_advisory_xact_lock(${MOVES_LOCK})`.execute(db);
      const answers = await db
        .selectFrom("adapters")
        .selectAll()
        .where("status", "=", "active")
        .where("owner", "is not distinct from", owner)
        .where("domain", "=", domain)
        .executeTakeFirst();
      if ((answers?.name ?? null) !== from) return undefined;
      if (answers !== undefined)
        await write(db, transition({ ...fields(answers), status: "active" as const }, "retired"));
      if (to !== null) {
        const next = await find(db, to);
        if (next === undefined || next.status === "active") return undefined;
        await write(db, transition<"staged" | "retired", "active">(next, "active"));
      }
      const moved = await db
        .insertInto("adapter_activations")
        .values({ who, action, owner, domain, from_name: from, to_name: to })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toActivation(moved);
    });
  }

  async discard(name: string): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      await sql`select pg_advisory_xact_lock(${MOVES_LOCK})`.execute(db);
      const adapter = await find(db, name);
      if (adapter?.status !== "staged") return false;
      await write(db, transition(adapter, "retired"));
      return true;
    });
  }
}

type AdapterRow = Selectable<AdapterTables["adapters"]>;

async function find(db: Sql, name: string): Promise<AnyAdapter | undefined> {
  const row = await db.selectFrom("adapters").selectAll().where("name", "=", name).executeTakeFirst();
  return row === undefined ? undefined : toAdapter(row);
}

async function write(db: Sql, { name, status }: Pick<AnyAdapter, "name" | "status">): Promise<void> {
  await db.updateTable("adapters").set({ status }).where("name", "=", name).execute();
}

async function revision(db: Sql): Promise<number> {
  const { newest } = await db
    .selectFrom("adapter_activations")
    .select(({ fn }) => fn.max("id").as("newest"))
    .executeTakeFirstOrThrow();
  return newest ?? 0;
}

function fields(row: AdapterRow): Omit<Adapter<"staged">, "status"> {
  const { id, name, version, uri, sha256, owner, domain } = row;
  return { id, name, version, uri, sha256, owner, domain, baseModel: row.base_model, createdAt: row.created_at };
}

function toAdapter(row: AdapterRow): AnyAdapter {
  return { ...fields(row), status: row.status };
}

function toActivation(row: Selectable<AdapterTables["adapter_activations"]>): Activation {
  const { id, at, who, action, owner, domain } = row;
  return { id, at, who, action, owner, domain, from: row.from_name, to: row.to_name };
}
