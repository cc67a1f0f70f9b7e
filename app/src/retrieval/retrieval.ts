import { CachedEmbedder } from "./cached-embedder";
import type { Calibration } from "./calibration";
import { EmbeddingSpace } from "./embedding-space";
import { HASHED_NGRAMS } from "./hashed-embedder";
import { KnowledgeBase, TILS } from "./knowledge-base";
import { observed, reportingState } from "./observed-store";
import type { OpenEmbedder } from "./open-embedder";
import type { VectorStore } from "./vector-store";

/** Texts as vectors whose similarity, their scalar product, can be judged. */
export interface ComparableTexts {
  /** What embedded them. */
  readonly embedder: string;
  readonly vectors: readonly Float32Array[];
  /** Cosine from which one of two texts is superfluous. */
  readonly nearDuplicate: number;
  /** Least cosine at which one text speaks for another. */
  readonly evidence: number;
}

export interface RetrievalOptions {
  readonly store: VectorStore;
  readonly embedder: OpenEmbedder;
  /** By embedder id. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
  /** Neighbours of a lookup by default. */
  readonly topK: number;
  /** Called after each call to the vector store with whether it answered. */
  readonly onState: (up: boolean) => void;
}

/** Everything that finds texts by their meaning. */
export class Retrieval {
  /** TILs of users. */
  readonly knowledge: KnowledgeBase;
  readonly #options: RetrievalOptions;
  /** Always there. */
  readonly #builtIn: EmbeddingSpace;

  constructor(options: RetrievalOptions) {
    const { store, embedder, calibrations, topK, onState } = options;
    this.#options = options;
    this.#builtIn = new EmbeddingSpace(new CachedEmbedder(HASHED_NGRAMS), calibrations.get(HASHED_NGRAMS.id));
    this.knowledge = new KnowledgeBase({
      store: observed(store, onState),
      space: embedder.space,
      collection: TILS.name,
      topK,
    });
  }

  /** Id of the configured embedder; undefined while an embedder whose name is read from its server was not reached. */
  get embedder(): string | undefined {
    return this.#options.embedder.id();
  }

  /** `absent`: there is none, and every call is refused as unavailable. */
  get storeKind(): VectorStore["kind"] {
    return this.#options.store.kind;
  }

  /** The configured embedder's space. @throws AppError STORE_UNAVAILABLE while it cannot be reached */
  space(): Promise<EmbeddingSpace> {
    return this.#options.embedder.space();
  }

  /**
   * Texts to be compared with each other, such as questions. By the configured embedder where it is calibrated and
   * answers, otherwise by hashed n-grams: the result names which.
   */
  async comparable(texts: readonly string[], signal?: AbortSignal): Promise<ComparableTexts> {
    try {
      const space = await this.space();
      if (space.calibrated) return await compared(space, texts, signal);
    } catch {
      signal?.throwIfAborted();
    }
    return compared(this.#builtIn, texts, signal);
  }

  /** Resolves when the vector store answers. @throws AppError STORE_UNAVAILABLE */
  ping(signal?: AbortSignal): Promise<void> {
    const { store, onState } = this.#options;
    return reportingState(onState, () => store.ping(signal));
  }

  /** One embedding, and the vector store's answer where there is one. @throws AppError STORE_UNAVAILABLE */
  async warmUp(signal?: AbortSignal): Promise<void> {
    if (this.storeKind !== "absent") await this.ping(signal);
    await (await this.space()).embed(["warm-up"], "query", signal);
  }

  async close(): Promise<void> {
    await this.#options.embedder.close();
    await this.#options.store.close();
  }
}

async function compared(
  space: EmbeddingSpace,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<ComparableTexts> {
  const vectors = await space.embed(texts, "passage", signal);
  const { nearDuplicate, evidence } = space.thresholds;
  return { embedder: space.embedder, vectors, nearDuplicate, evidence };
}
