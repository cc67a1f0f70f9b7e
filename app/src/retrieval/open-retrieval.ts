import { join } from "node:path";
import { type Config, ConfigError } from "../config/config";
import { ENV } from "../contract";
import { claimDataFolder } from "../stores/data-folder";
import { CachedEmbedder } from "./cached-embedder";
import { EmbeddingSpace } from "./embedding-space";
import { HASHED_NGRAMS } from "./hashed-ngrams";
import { KnowledgeBase } from "./knowledge-base";
import { openLanceStore } from "./lance-store";
import { loadCalibrations } from "./load-calibrations";
import { observed, told } from "./observed-store";
import { openEmbedder } from "./open-embedder";
import { openQdrantStore } from "./qdrant-store";
import type { VectorStore } from "./vector-store";

/** Texts as vectors whose similarity, their scalar product, can be judged. */
export interface ComparableTexts {
  /** What embedded them. */
  readonly embedder: string;
  readonly vectors: readonly Float32Array[];
  /** Cosine from which one of two texts is superfluous. */
  readonly nearDuplicate: number;
}

/** Everything that finds texts by their meaning. */
export interface Retrieval {
  /** TILs of users. */
  readonly knowledge: KnowledgeBase;
  /** Id of the configured embedder; undefined while one that has to be asked for its name was not reached. */
  readonly embedder: string | undefined;
  readonly storeKind: VectorStore["kind"];
  /**
   * Texts to be compared with each other, such as questions. By the configured embedder where it is calibrated and
   * answers, otherwise by hashed n-grams, which are always there: the result says which.
   */
  comparable(texts: readonly string[], signal?: AbortSignal): Promise<ComparableTexts>;
  /** The configured embedder's space. @throws AppError STORE_UNAVAILABLE while it cannot be reached */
  space(signal?: AbortSignal): Promise<EmbeddingSpace>;
  /** Resolves when the vector store answers. */
  ping(signal?: AbortSignal): Promise<void>;
  /** One embedding. @throws AppError STORE_UNAVAILABLE */
  warmUp(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface OpenRetrievalOptions {
  readonly config: Pick<Config, "retrieval" | "stores">;
  /** Told what the last call to the vector store saw. */
  readonly onState: (up: boolean) => void;
}

/**
 * The configured vector store and embedder, or LanceDB and hashed n-grams in their place. Nothing is asked of a server
 * yet: one that is away is found when it is needed.
 * @throws ConfigError where one cannot be used, with what to do
 */
export async function openRetrieval({ config, onState }: OpenRetrievalOptions): Promise<Retrieval> {
  const calibrations = await loadCalibrations(join(config.stores.dataDir, "calibrations"));
  const { store, release } = await openStore(config);
  const embedder = openEmbedder(config.retrieval, calibrations);
  const builtIn = new EmbeddingSpace(new CachedEmbedder(HASHED_NGRAMS), calibrations.get(HASHED_NGRAMS.id));
  const knowledge = new KnowledgeBase({
    store: observed(store, onState),
    space: embedder.space,
    collection: "tils",
    topK: config.retrieval.topK,
  });
  return {
    knowledge,
    storeKind: store.kind,
    get embedder() {
      return embedder.id();
    },
    space: embedder.space,
    async comparable(texts, signal) {
      const space = await embedder.space(signal).catch(() => builtIn);
      try {
        return await compared(space.calibrated ? space : builtIn, texts, signal);
      } catch (thrown) {
        signal?.throwIfAborted();
        if (space === builtIn) throw thrown;
        return compared(builtIn, texts, signal);
      }
    },
    ping: (signal) => told(onState, () => store.ping(signal)),
    async warmUp(signal) {
      await (await embedder.space(signal)).embed(["warm-up"], "query", signal);
    },
    async close() {
      await embedder.close();
      await store.close();
      release();
    },
  };
}

async function compared(
  space: EmbeddingSpace,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<ComparableTexts> {
  const vectors = await space.embed(texts, "passage", signal);
  return { embedder: space.embedder, vectors, nearDuplicate: space.thresholds.nearDuplicate };
}

async function openStore({ retrieval, stores }: OpenRetrievalOptions["config"]) {
  const { qdrantUrl: url, qdrantApiKey: apiKey } = retrieval;
  if (url !== undefined) {
    return { store: await openQdrantStore({ url, apiKey }), release: () => {} };
  }
  if (stores.replicas > 1) {
    throw new ConfigError([
      `${ENV.replicas}=${stores.replicas}: gateways side by side need one vector store; set ${ENV.qdrantUrl}, or ${ENV.replicas}=1`,
    ]);
  }
  const folder = claimDataFolder(join(stores.dataDir, "vectors"));
  try {
    return { store: await openLanceStore(join(folder.path, "lance")), release: () => folder.release() };
  } catch (thrown) {
    folder.release();
    throw thrown;
  }
}
