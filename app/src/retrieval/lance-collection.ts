import type { Table } from "@lancedb/lancedb";
import type { Schema } from "apache-arrow";
import { z } from "zod";
import { batches, checkedId, checkedVector, storablePoints } from "./collection-checks";
import type { Filter } from "./filter";
import { planFilter, utcTime } from "./filter-plan";
import { fieldColumn, lanceFilter, literal } from "./lance-filter";
import type {
  CollectionSpec,
  FieldType,
  Hit,
  JsonValue,
  Page,
  Point,
  ScrollRequest,
  SearchRequest,
  VectorCollection,
} from "./vector-store";

/** Writes after which small files are merged into large ones: each write leaves a file, and each search opens all. */
const WRITES_BETWEEN_MERGES = 64;

const payloadSchema = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.json()));
const hitSchema = z.array(z.object({ id: z.string(), payload: payloadSchema, _distance: z.number() }));
const pointSchema = z.array(z.object({ id: z.string(), payload: payloadSchema, vector: z.custom<Iterable<number>>() }));

export interface LanceCollectionOptions {
  readonly table: Table;
  readonly spec: CollectionSpec;
  /** Columns of the table. */
  readonly schema: Schema;
  /** Rows as an Arrow table of that schema. */
  readonly rows: (rows: Record<string, unknown>[], schema: Schema) => Parameters<Table["add"]>[0];
  /** Tells a store's failure from a caller's mistake. */
  readonly failure: (thrown: unknown) => Error;
}

/** A LanceDB table: `id`, `vector`, `payload` as JSON, and a column for each field that filters may name. */
export class LanceCollection implements VectorCollection {
  readonly #options: LanceCollectionOptions;
  /** LanceDB's writers race for the next version: ours run one after the other. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  #writes = 0;

  constructor(options: LanceCollectionOptions) {
    this.#options = options;
  }

  async upsert(points: readonly Point[]): Promise<void> {
    const { table, spec, schema, rows } = this.#options;
    for (const batch of batches(storablePoints(points, spec))) {
      const data = rows(
        batch.map((point) => row(point, spec)),
        schema,
      );
      await this.#write(() => table.mergeInsert("id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data));
    }
  }

  async delete(ids: readonly string[]): Promise<void> {
    for (const batch of batches(ids.map(checkedId))) await this.#write(() => this.#options.table.delete(idIn(batch)));
  }

  async deleteWhere(filter: Filter): Promise<void> {
    const plan = planFilter(filter, this.#options.spec.fields);
    if (plan === "nothing") return;
    await this.#write(() => this.#options.table.delete(plan === "everything" ? "true" : lanceFilter(plan)));
  }

  async search({ vector, k, filter, minScore, signal }: SearchRequest): Promise<readonly Hit[]> {
    const { table, spec } = this.#options;
    const unit = checkedVector(vector, spec.dim);
    const plan = planFilter(filter, spec.fields);
    signal?.throwIfAborted();
    if (plan === "nothing") return [];
    const query = table.query().nearestTo(unit).distanceType("cosine").limit(k).select(["id", "payload", "_distance"]);
    if (plan !== "everything") query.where(lanceFilter(plan));
    const rows = hitSchema.parse(await this.#read(() => query.toArray()));
    signal?.throwIfAborted();
    const hits = rows.map(({ id, payload, _distance }) => ({ id, payload, score: 1 - _distance }));
    return minScore === undefined ? hits : hits.filter((hit) => hit.score >= minScore);
  }

  async get(ids: readonly string[]): Promise<readonly Point[]> {
    const found = new Map<string, Point>();
    for (const batch of batches(ids.map(checkedId))) {
      for (const point of await this.#points(idIn(batch), batch.length)) found.set(point.id, point);
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async scroll({ filter, limit, after }: ScrollRequest): Promise<Page> {
    const plan = planFilter(filter, this.#options.spec.fields);
    if (plan === "nothing") return { points: [], next: undefined };
    const conditions = [
      ...(plan === "everything" ? [] : [lanceFilter(plan)]),
      ...(after === undefined ? [] : [`id >= ${literal(checkedId(after))}`]),
    ];
    // One more than requested: its id is where the next page begins.
    const points = await this.#points(conditions.join(" AND "), limit + 1);
    return { points: points.slice(0, limit), next: points[limit]?.id };
  }

  async count(filter?: Filter): Promise<number> {
    const plan = planFilter(filter, this.#options.spec.fields);
    if (plan === "nothing") return 0;
    return this.#read(() => this.#options.table.countRows(plan === "everything" ? undefined : lanceFilter(plan)));
  }

  async #points(where: string, limit: number): Promise<Point[]> {
    const query = this.#options.table.query().select(["id", "payload", "vector"]);
    if (where !== "") query.where(where);
    query.orderBy({ columnName: "id", ascending: true }).limit(limit);
    const rows = pointSchema.parse(await this.#read(() => query.toArray()));
    return rows.map(({ id, payload, vector }) => ({ id, payload, vector: Float32Array.from(vector) }));
  }

  /** Reads; once more where a merge took the files away that the read had begun with. */
  async #read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work().catch(async (thrown: unknown) => {
        if (!MERGED_AWAY.test(String(thrown))) throw thrown;
        await this.#lastWrite;
        return await work();
      });
    } catch (thrown) {
      throw this.#options.failure(thrown);
    }
  }

  /** Runs a write after those before it, whatever became of them. */
  async #write(work: () => Promise<unknown>): Promise<void> {
    const write = this.#lastWrite.then(work, work);
    this.#lastWrite = write.catch(() => {});
    await this.#read(() => write);
    this.#writes += 1;
    if (this.#writes % WRITES_BETWEEN_MERGES !== 0) return;
    this.#lastWrite = this.#lastWrite.then(() => this.#options.table.optimize({ cleanupOlderThan: new Date() }));
    // Not awaited: the next merge tidies what this one did not.
    this.#lastWrite = this.#lastWrite.catch(() => {});
  }

  /** Waits for the writes that are under way, then lets the table go. */
  async close(): Promise<void> {
    await this.#lastWrite;
    this.#options.table.close();
  }
}

/** LanceDB's message for a data file that is gone. */
const MERGED_AWAY = /Not found: .*\.lance/;

function idIn(ids: readonly string[]): string {
  return ids.length === 0 ? "false" : `id IN (${ids.map(literal).join(", ")})`;
}

function row({ id, vector, payload }: Point, { fields }: CollectionSpec): Record<string, unknown> {
  const columns = Object.entries(fields).map(([field, type]) => [
    fieldColumn(field),
    columnValue(field, type, payload[field]),
  ]);
  return { id, vector, payload: JSON.stringify(payload), ...Object.fromEntries(columns) };
}

/** What a payload's value is in its column. */
function columnValue(field: string, type: FieldType, value: JsonValue | undefined): JsonValue {
  if (type === "datetime" && typeof value === "string") return utcTime(field, value);
  return typeof value === "boolean" ? String(value) : (value ?? null);
}
