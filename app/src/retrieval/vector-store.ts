import type { Filter } from "./filter";

/**
 * How a payload field is indexed and compared. `keywords` is a list of keywords; `datetime` an ISO 8601 date or UTC time,
 * of which a date means its midnight.
 */
export type FieldType = "keyword" | "keywords" | "integer" | "float" | "boolean" | "datetime";

/** The fields of a payload that filters may name. */
export type Fields = Readonly<Record<string, FieldType>>;

export interface CollectionSpec {
  /** Lower-case letters, digits, `_` and `-`, at most 100. */
  readonly name: string;
  /**
   * Where the vectors come from: the embedder's id with its calibration's. Vectors of two spaces cannot be compared, so
   * each space of a name is a collection of its own.
   */
  readonly space: string;
  /** Components of a vector. */
  readonly dim: number;
  readonly fields: Fields;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type Payload = { readonly [key: string]: JsonValue };

/** What a collection holds. Vectors are kept with length 1: similarity is the cosine. */
export interface Point {
  /** UUID in lower case; see `pointId` for one of a natural key. */
  readonly id: string;
  readonly vector: Float32Array;
  readonly payload: Payload;
}

export interface Hit {
  readonly id: string;
  /** Cosine to the query, -1 to 1. */
  readonly score: number;
  readonly payload: Payload;
}

export interface SearchRequest {
  readonly vector: Float32Array;
  /** Most hits. */
  readonly k: number;
  /** @default every point */
  readonly filter?: Filter | undefined;
  /** Least cosine of a hit. @default none */
  readonly minScore?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ScrollRequest {
  /** @default every point */
  readonly filter?: Filter | undefined;
  /** Most points of the page. */
  readonly limit: number;
  /** `next` of the page before. @default the first page */
  readonly after?: string | undefined;
}

export interface Page {
  readonly points: readonly Point[];
  /** @default there are no more */
  readonly next: string | undefined;
}

/**
 * Points of one space. Every method throws an `AppError` STORE_UNAVAILABLE when the store does not answer, and a
 * RangeError for what no store takes: an id that is no UUID, a vector of another dimension or of non-numbers, a filter
 * on a field that the collection does not have or with a value of another type.
 */
export interface VectorCollection {
  /** Inserts points or replaces those of the same id whole, in batches. Of two with one id the last counts. Searchable once it resolves. */
  upsert(points: readonly Point[]): Promise<void>;
  /** Ids that are not there are no error. */
  delete(ids: readonly string[]): Promise<void>;
  deleteWhere(filter: Filter): Promise<void>;
  /** Nearest first; exact on small collections, approximate (HNSW) on large ones in Qdrant. */
  search(request: SearchRequest): Promise<readonly Hit[]>;
  /** Those that are there, in the order of `ids`. */
  get(ids: readonly string[]): Promise<readonly Point[]>;
  /** A page in the order of ids. */
  scroll(request: ScrollRequest): Promise<Page>;
  count(filter?: Filter): Promise<number>;
}

/** Qdrant, or LanceDB in this process: one contract suite holds both to the same behaviour. */
export interface VectorStore {
  readonly kind: "qdrant" | "lancedb" | "absent";
  /**
   * The collection, made if it is not there; several gateways may do so at once.
   * @throws RangeError where it is there with another dimension
   */
  collection(spec: CollectionSpec): Promise<VectorCollection>;
  /** Resolves when the store answers. */
  ping(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
