import { join, resolve } from "node:path";
import type { Config } from "../config/config";
import { ENV } from "../contract/variables";
import { claimDataFolder } from "../stores/data-folder";
import { absentVectorStore } from "./absent-store";
import { lanceIsInstalled, openLanceStore } from "./lance-store";
import { loadCalibrations } from "./load-calibrations";
import { openEmbedder } from "./open-embedder";
import { openQdrantStore } from "./qdrant-store";
import { Retrieval } from "./retrieval";
import type { VectorStore } from "./vector-store";

export interface OpenRetrievalOptions {
  readonly config: Pick<Config, "retrieval" | "stores">;
  /** Called after each call to the vector store with whether it answered. */
  readonly onState: (up: boolean) => void;
  /** Prints a line at start. */
  readonly onProgress: (line: string) => void;
}

/**
 * The configured vector store and embedder, or LanceDB and hashed n-grams in their place. No request is sent to a
 * server yet: one that is away is found when it is needed.
 * @throws ConfigError where one cannot be used, with what to do
 */
export async function openRetrieval(options: OpenRetrievalOptions): Promise<Retrieval> {
  const { config, onState } = options;
  const calibrations = await loadCalibrations(join(config.stores.dataDir, "calibrations"));
  const store = await openVectorStore(options);
  const { embedUrl, embedModel } = config.retrieval;
  if (embedUrl !== undefined && embedModel !== undefined && !calibrations.has(embedModel)) {
    options.onProgress(
      `${ENV.embedModel}=${embedModel} has no calibration: the nearest texts are taken however far they are, and questions are compared by hashed n-grams; see npm run calibrate`,
    );
  }
  const embedder = openEmbedder(config.retrieval, calibrations);
  return new Retrieval({ store, embedder, calibrations, topK: config.retrieval.topK, onState });
}

/** The configured vector store. @throws ConfigError where it cannot be used */
export async function openVectorStore({
  config,
  onProgress,
}: Pick<OpenRetrievalOptions, "config" | "onProgress">): Promise<VectorStore> {
  const { retrieval, stores } = config;
  const { qdrantUrl: url, qdrantApiKey: apiKey } = retrieval;
  if (url !== undefined) return openQdrantStore({ url, apiKey });
  if (!(await lanceIsInstalled())) {
    onProgress(`no vector store: LanceDB is not installed here; set ${ENV.qdrantUrl} to find notes again`);
    return absentVectorStore();
  }
  const folder = claimDataFolder(join(stores.dataDir, "vectors"));
  try {
    return await openLanceStore(lanceFolder(stores), () => folder.release());
  } catch (thrown) {
    folder.release();
    throw thrown;
  }
}

/** Where LanceDB keeps its tables, each a folder `NAME.lance`. */
export function lanceFolder({ dataDir }: Pick<Config["stores"], "dataDir">): string {
  return resolve(dataDir, "vectors", "lance");
}
