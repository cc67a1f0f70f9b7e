import { mkdir } from "node:fs/promises";
import type { Connection, Table } from "@lancedb/lancedb";
import type * as Arrow from "apache-arrow";
import { LanceCollection } from "./lance-collection";
import { fieldColumn } from "./lance-filter";
import { OpenCollections } from "./open-collections";
import { storeUnavailable } from "./store-errors";
import type { CollectionSpec, FieldType, VectorStore } from "./vector-store";

type Lance = typeof import("@lancedb/lancedb");

/** Whether LanceDB can be loaded here: the container image does not carry it, nor does every platform have it. */
export async function lanceIsInstalled(): Promise<boolean> {
  try {
    await import("@lancedb/lancedb");
    return true;
  } catch {
    return false;
  }
}

/**
 * LanceDB in this process, its tables in a folder. One process at a time may write there.
 * @param onClosed called once nothing is written any more
 */
export async function openLanceStore(folder: string, onClosed = () => {}): Promise<VectorStore> {
  const [lance, arrow] = await Promise.all([import("@lancedb/lancedb"), import("apache-arrow")]);
  await mkdir(folder, { recursive: true });
  return new LanceStore(lance, arrow, await lance.connect(folder), onClosed);
}

class LanceStore implements VectorStore {
  readonly kind = "lancedb";
  readonly #lance: Lance;
  readonly #arrow: typeof Arrow;
  readonly #connection: Connection;
  readonly #onClosed: () => void;
  readonly #collections = new OpenCollections((name, spec) => this.#open(name, spec));

  constructor(lance: Lance, arrow: typeof Arrow, connection: Connection, onClosed: () => void) {
    this.#lance = lance;
    this.#arrow = arrow;
    this.#connection = connection;
    this.#onClosed = onClosed;
  }

  collection(spec: CollectionSpec): Promise<LanceCollection> {
    return this.#collections.get(spec);
  }

  async ping(): Promise<void> {
    try {
      await this.#connection.tableNames({ limit: 1 });
    } catch (thrown) {
      throw failure(thrown);
    }
  }

  async close(): Promise<void> {
    for (const collection of await this.#collections.settled()) await collection.close();
    this.#connection.close();
    this.#onClosed();
  }

  async #open(name: string, spec: CollectionSpec): Promise<LanceCollection> {
    const schema = this.#schema(spec);
    const table = await this.#table(name, schema);
    const stored = await table.schema();
    const vector: unknown = stored.fields.find((field) => field.name === "vector")?.type;
    const dim = typeof vector === "object" && vector !== null && "listSize" in vector ? vector.listSize : undefined;
    if (dim !== spec.dim) throw new RangeError(`collection ${name} has vectors of ${dim} components, not ${spec.dim}`);
    const columns = new Set(stored.fields.map((field) => field.name));
    const missing = schema.fields.find((field) => !columns.has(field.name));
    if (missing !== undefined) throw new RangeError(`collection ${name} was made without ${missing.name}`);
    const rows = (data: Record<string, unknown>[], of: Arrow.Schema) =>
      this.#lance.makeArrowTable(data, { schema: of });
    return new LanceCollection({ table, spec, schema, rows, failure });
  }

  async #table(name: string, schema: Arrow.Schema): Promise<Table> {
    try {
      const names = await this.#connection.tableNames();
      if (names.includes(name)) return await this.#connection.openTable(name);
      return await this.#connection.createEmptyTable(name, schema, { existOk: true });
    } catch (thrown) {
      throw failure(thrown);
    }
  }

  #schema({ dim, fields }: CollectionSpec): Arrow.Schema {
    const { Schema, Field, Utf8, FixedSizeList, Float32 } = this.#arrow;
    const columns = Object.entries(fields).map(
      ([field, type]) => new Field(fieldColumn(field), this.#type(type), true),
    );
    return new Schema([
      new Field("id", new Utf8(), false),
      new Field("vector", new FixedSizeList(dim, new Field("item", new Float32(), true)), false),
      new Field("payload", new Utf8(), false),
      ...columns,
    ]);
  }

  #type(type: FieldType): Arrow.DataType {
    const { Utf8, List, Field, Float64 } = this.#arrow;
    switch (type) {
      case "keyword":
      // As text: a column of booleans that are all absent is written in a way that LanceDB cannot read.
      case "boolean":
      // Kept as a UTC time of fixed width, whose order as text is its order in time.
      case "datetime":
        return new Utf8();
      case "keywords":
        return new List(new Field("item", new Utf8(), true));
      // Exact for every integer that JSON can carry.
      case "integer":
      case "float":
        return new Float64();
    }
  }
}

/** LanceDB's own errors are failures of the store; everything else passes. */
function failure(thrown: unknown): Error {
  return thrown instanceof RangeError ? thrown : storeUnavailable("LanceDB", thrown);
}
