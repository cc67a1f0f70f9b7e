import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { AppError } from "../shared/errors/app-error";
import { OpenCollections } from "./open-collections";
import { QdrantCollection } from "./qdrant-collection";
import { CollectionLostError, storeUnavailable } from "./store-errors";
import type { CollectionSpec, FieldType, VectorStore } from "./vector-store";

/** Milliseconds for one request: a search over a million vectors on disk takes tens. */
const TIMEOUT_MS = 5_000;
const BAD_REQUEST = 400;
const CONFLICT = 409;
const NOT_FOUND = 404;

export interface QdrantStoreOptions {
  /** REST endpoint, e.g. `http://127.0.0.1:6333`. */
  readonly url: string;
  /** @default none is sent */
  readonly apiKey?: string | undefined;
  /** Milliseconds for a request. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

/** A client of Qdrant. No request is sent yet. */
export async function openQdrantStore({
  url,
  apiKey,
  timeoutMs = TIMEOUT_MS,
}: QdrantStoreOptions): Promise<VectorStore> {
  const { QdrantClient } = await import("@qdrant/js-client-rest");
  const { port, protocol } = new URL(url);
  const client = new QdrantClient({
    url,
    // The client takes 6333 for a URL without a port; a URL means its scheme's.
    port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    timeout: timeoutMs,
    // It would request the server's version on its own and print to the console.
    checkCompatibility: false,
    // As `apiKey` it would be the same header with a warning on the console where the network is plain HTTP.
    ...(apiKey !== undefined && { headers: { "api-key": apiKey } }),
  });
  return new QdrantStore(client);
}

const INDEX: Readonly<Record<FieldType, "keyword" | "integer" | "float" | "bool" | "datetime">> = {
  keyword: "keyword",
  keywords: "keyword",
  integer: "integer",
  float: "float",
  boolean: "bool",
  datetime: "datetime",
};

/**
 * Qdrant over REST. A collection is an alias on a collection of the same name ending in `.1`, so that one restored
 * from a snapshot can take its place by a switch of the alias, unseen by the gateways.
 */
class QdrantStore implements VectorStore {
  readonly kind = "qdrant";
  readonly #client: QdrantClient;
  readonly #collections = new OpenCollections((name, spec) => this.#open(name, spec));

  constructor(client: QdrantClient) {
    this.#client = client;
  }

  collection(spec: CollectionSpec): Promise<QdrantCollection> {
    return this.#collections.get(spec);
  }

  async ping(): Promise<void> {
    await send(() => this.#client.getCollections());
  }

  async close(): Promise<void> {
    this.#collections.clear();
  }

  async #open(name: string, spec: CollectionSpec): Promise<QdrantCollection> {
    const size = (await this.#size(name)) ?? (await this.#create(name, spec));
    if (size !== spec.dim)
      throw new RangeError(`collection ${name} has vectors of ${size} components, not ${spec.dim}`);
    return new QdrantCollection({ client: this.#client, name, spec, send: (request) => this.#sendTo(name, request) });
  }

  /** Sends a request to an open collection; one that turns out to be gone is opened again at the next call. */
  #sendTo<T>(name: string, request: () => Promise<T>): Promise<T | undefined> {
    return send(async () => {
      try {
        return await request();
      } catch (thrown) {
        if (statusOf(thrown) !== NOT_FOUND) throw thrown;
        this.#collections.forget(name);
        throw new CollectionLostError("Qdrant", thrown);
      }
    });
  }

  /** Components of a vector, or undefined where there is no such collection. */
  async #size(name: string): Promise<number | undefined> {
    const info = await send(() => this.#client.getCollection(name), NOT_FOUND);
    const vectors = info?.config.params.vectors;
    return typeof vectors?.size === "number" ? vectors.size : undefined;
  }

  async #create(name: string, { dim, fields }: CollectionSpec): Promise<number> {
    const physical = `${name}.1`;
    const definition: Schemas["CreateCollection"] = {
      vectors: { size: dim, distance: "Cosine", on_disk: true },
      hnsw_config: { on_disk: true },
      on_disk_payload: true,
    };
    // Of several gateways that start at once one makes it, and the others are refused, which older servers did with 400;
    // the steps after it do no harm twice.
    await send(() => this.#client.createCollection(physical, definition), CONFLICT, BAD_REQUEST);
    if ((await this.#size(physical)) === undefined) {
      throw new AppError("INTERNAL_ERROR", { cause: new Error(`Qdrant does not make the collection ${physical}`) });
    }
    for (const [field_name, type] of Object.entries(fields)) {
      await send(() =>
        this.#client.createPayloadIndex(physical, { field_name, field_schema: INDEX[type], wait: true }),
      );
    }
    const create_alias = { alias_name: name, collection_name: physical };
    await send(() => this.#client.updateCollectionAliases({ actions: [{ create_alias }] }));
    return (await this.#size(name)) ?? dim;
  }
}

function statusOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "status" in thrown ? thrown.status : undefined;
}

/**
 * Sends a request to Qdrant. An answer with one of the `accepted` statuses is undefined.
 * @throws AppError STORE_UNAVAILABLE when it does not answer or cannot now; INTERNAL_ERROR for a request that it refuses,
 * which is a mistake of ours
 */
async function send<T>(request: () => Promise<T>, ...accepted: readonly number[]): Promise<T | undefined> {
  try {
    return await request();
  } catch (thrown) {
    if (thrown instanceof CollectionLostError) throw thrown;
    const status = statusOf(thrown);
    if (typeof status !== "number" || status >= 500 || status === 429) throw storeUnavailable("Qdrant", thrown);
    if (accepted.includes(status)) return undefined;
    // A wrong key is the operator's to mend, and until then the store is as good as away.
    if (status === 401 || status === 403) throw storeUnavailable("Qdrant", thrown);
    throw new AppError("INTERNAL_ERROR", { cause: thrown });
  }
}
