import type { QdrantClient, Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { batches, checkedId, checkedVector, storablePoints } from "./collection-checks";
import type { Filter } from "./filter";
import { planFilter } from "./filter-plan";
import { qdrantFilter } from "./qdrant-filter";
import type { CollectionSpec, Hit, Page, Point, ScrollRequest, SearchRequest, VectorCollection } from "./vector-store";

const payloadSchema = z.record(z.string(), z.json()).nullish();
const hitSchema = z.object({ id: z.string(), score: z.number(), payload: payloadSchema });
const pointSchema = z.object({ id: z.string(), payload: payloadSchema, vector: z.array(z.number()) });

export interface QdrantCollectionOptions {
  readonly client: QdrantClient;
  /** Alias of the collection. */
  readonly name: string;
  readonly spec: CollectionSpec;
  /** Turns a failed request into the error that it means. */
  readonly send: <T>(request: () => Promise<T>) => Promise<T | undefined>;
}

/** A collection of Qdrant. */
export class QdrantCollection implements VectorCollection {
  readonly #options: QdrantCollectionOptions;

  constructor(options: QdrantCollectionOptions) {
    this.#options = options;
  }

  async upsert(points: readonly Point[]): Promise<void> {
    const { client, name, spec, send } = this.#options;
    for (const batch of batches(storablePoints(points, spec))) {
      const body = batch.map(({ id, vector, payload }) => ({
        id,
        vector: Array.from(vector),
        payload: { ...payload },
      }));
      await send(() => client.upsert(name, { points: body, wait: true }));
    }
  }

  async delete(ids: readonly string[]): Promise<void> {
    const { client, name, send } = this.#options;
    for (const points of batches(ids.map(checkedId))) await send(() => client.delete(name, { points, wait: true }));
  }

  async deleteWhere(filter: Filter): Promise<void> {
    const { client, name, spec, send } = this.#options;
    const plan = planFilter(filter, spec.fields);
    if (plan === "nothing") return;
    // An empty filter matches every point.
    await send(() => client.delete(name, { filter: plan === "everything" ? {} : qdrantFilter(plan), wait: true }));
  }

  async search({ vector, k, filter, minScore, signal }: SearchRequest): Promise<readonly Hit[]> {
    const { client, name, spec, send } = this.#options;
    const query = Array.from(checkedVector(vector, spec.dim));
    const where = this.#filter(filter);
    signal?.throwIfAborted();
    if (where === "nothing") return [];
    const request: Schemas["QueryRequest"] = {
      query,
      limit: k,
      with_payload: true,
      ...where,
      ...(minScore !== undefined && { score_threshold: minScore }),
    };
    const response = await send(() => client.query(name, request));
    signal?.throwIfAborted();
    return (response?.points ?? []).map((point) => {
      const { id, score, payload } = hitSchema.parse(point);
      return { id, score, payload: payload ?? {} };
    });
  }

  async get(ids: readonly string[]): Promise<readonly Point[]> {
    const { client, name, send } = this.#options;
    const found = new Map<string, Point>();
    for (const batch of batches(ids.map(checkedId))) {
      const request = { ids: batch, with_payload: true, with_vector: true };
      for (const record of (await send(() => client.retrieve(name, request))) ?? []) {
        const point = toPoint(record);
        found.set(point.id, point);
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async scroll({ filter, limit, after }: ScrollRequest): Promise<Page> {
    const { client, name, send } = this.#options;
    const where = this.#filter(filter);
    if (where === "nothing") return { points: [], next: undefined };
    const offset = after === undefined ? {} : { offset: checkedId(after) };
    const request = { limit, with_payload: true, with_vector: true, ...where, ...offset };
    const page = await send(() => client.scroll(name, request));
    const next = page?.next_page_offset;
    return { points: (page?.points ?? []).map(toPoint), next: typeof next === "string" ? next : undefined };
  }

  async count(filter?: Filter): Promise<number> {
    const { client, name, send } = this.#options;
    const where = this.#filter(filter);
    if (where === "nothing") return 0;
    return (await send(() => client.count(name, { exact: true, ...where })))?.count ?? 0;
  }

  #filter(filter: Filter | undefined): { readonly filter?: Schemas["Filter"] } | "nothing" {
    const plan = planFilter(filter, this.#options.spec.fields);
    if (plan === "nothing") return "nothing";
    return plan === "everything" ? {} : { filter: qdrantFilter(plan) };
  }
}

function toPoint(record: unknown): Point {
  const { id, payload, vector } = pointSchema.parse(record);
  return { id, payload: payload ?? {}, vector: Float32Array.from(vector) };
}
