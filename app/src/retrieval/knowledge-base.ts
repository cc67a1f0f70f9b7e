import { z } from "zod";
import type { EmbeddingSpace } from "./embedding-space";
import type { Filter } from "./filter";
import type { ContextQuery, Passage, PassageMetadata } from "./passage";
import type { Payload, VectorCollection, VectorStore } from "./vector-store";

/** A text to be found again by its meaning. */
export interface KnowledgeDocument {
  /** UUID of the text's row. */
  readonly id: string;
  readonly text: string;
  readonly metadata: PassageMetadata;
}

/** What filters may name. */
const FIELDS = {
  user: "keyword",
  repo: "keywords",
  date: "datetime",
  domain: "keyword",
  language: "keyword",
} as const;

/** The collection of users' TILs, in any space. */
export const TILS = { name: "tils", fields: FIELDS } as const;

const payloadSchema = z.object({
  user: z.string(),
  repo: z.array(z.string()),
  date: z.string(),
  domain: z.string(),
  language: z.enum(["ko", "en"]),
  title: z.string(),
  text: z.string(),
});

/** Texts embedded at once. */
const BATCH = 32;

export interface KnowledgeBaseOptions {
  readonly store: VectorStore;
  /** The space of the configured embedder, which may have to be reached first. */
  readonly space: (signal?: AbortSignal) => Promise<EmbeddingSpace>;
  /** Name of the collection. */
  readonly collection: string;
  /** Texts that a query looks at by default. */
  readonly topK: number;
}

/**
 * Texts of users, found by meaning. Methods throw an `AppError` STORE_UNAVAILABLE when the vector store or the embedder
 * does not answer. An embedder without a calibration finds the nearest texts, however far they are.
 */
export class KnowledgeBase {
  readonly #options: KnowledgeBaseOptions;

  constructor(options: KnowledgeBaseOptions) {
    this.#options = options;
  }

  /** Adds a text, or replaces the one of that id. */
  add(document: KnowledgeDocument, signal?: AbortSignal): Promise<void> {
    return this.addAll([document], signal);
  }

  async addAll(documents: readonly KnowledgeDocument[], signal?: AbortSignal): Promise<void> {
    const { space, collection } = await this.#open(signal);
    for (let start = 0; start < documents.length; start += BATCH) {
      const batch = documents.slice(start, start + BATCH);
      const texts = batch.map(({ text, metadata }) =>
        text.startsWith(metadata.title) ? text : `${metadata.title}\n\n${text}`,
      );
      const vectors = await space.embed(texts, "passage", signal);
      const points = batch.flatMap((document, index) => {
        const vector = vectors[index];
        return vector === undefined ? [] : [{ id: document.id, vector, payload: payloadOf(document, space.embedder) }];
      });
      await collection.upsert(points);
    }
  }

  async remove(ids: readonly string[], signal?: AbortSignal): Promise<void> {
    await (await this.#open(signal)).collection.delete(ids);
  }

  /** Those of the ids that are not there: to be added, after an outage or a change of the embedder. */
  async missing(ids: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const { collection } = await this.#open(signal);
    const there = new Set((await collection.get(ids)).map((point) => point.id));
    return ids.filter((id) => !there.has(id));
  }

  /** A user's texts that speak for the query, nearest first. */
  async retrieve(query: ContextQuery, signal?: AbortSignal): Promise<Passage[]> {
    const { space, collection } = await this.#open(signal);
    const { text, user, filter, except = [], k = this.#options.topK } = query;
    const [vector] = await space.embed([text], "query", signal);
    if (vector === undefined) return [];
    const own: Filter = { field: "user", equals: user };
    const hits = await collection.search({
      vector,
      // So many more, in case all that are not to be found are among the nearest.
      k: k + except.length,
      filter: filter === undefined ? own : { and: [own, filter] },
      minScore: space.calibrated ? space.thresholds.evidence : undefined,
      signal,
    });
    return hits
      .filter((hit) => !except.includes(hit.id))
      .slice(0, k)
      .map(({ id, score, payload }) => {
        const { text: stored, ...metadata } = payloadSchema.parse(payload);
        return { id, score, text: stored, metadata };
      });
  }

  async #open(
    signal?: AbortSignal,
  ): Promise<{ readonly space: EmbeddingSpace; readonly collection: VectorCollection }> {
    const { store, collection: name } = this.#options;
    const space = await this.#options.space(signal);
    return { space, collection: await store.collection({ name, space: space.id, dim: space.dim, fields: FIELDS }) };
  }
}

function payloadOf({ text, metadata }: KnowledgeDocument, embedder: string): Payload {
  return { ...metadata, text, embedder_id: embedder };
}
