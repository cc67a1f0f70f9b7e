import type { Config } from "../config/config";
import { CachedEmbedder } from "./cached-embedder";
import type { Calibration } from "./calibration";
import { EmbeddingSpace } from "./embedding-space";
import { HASHED_NGRAMS } from "./hashed-embedder";
import { HttpEmbedder } from "./http-embedder";

/** The configured embedder, which may have to be reached first. */
export interface OpenEmbedder {
  readonly space: (signal?: AbortSignal) => Promise<EmbeddingSpace>;
  readonly id: () => string | undefined;
  readonly close: () => Promise<void>;
}

/** The configured embedder with its calibration, or hashed n-grams. */
export function openEmbedder(
  { embedUrl, embedModel, embedApiKey }: Pick<Config["retrieval"], "embedUrl" | "embedModel" | "embedApiKey">,
  calibrations: ReadonlyMap<string, Calibration>,
): OpenEmbedder {
  if (embedUrl === undefined) {
    const space = new EmbeddingSpace(new CachedEmbedder(HASHED_NGRAMS), calibrations.get(HASHED_NGRAMS.id));
    return { space: async () => space, id: () => space.embedder, close: async () => {} };
  }
  let connected: HttpEmbedder | undefined;
  let opening: Promise<EmbeddingSpace> | undefined;
  const connect = async (): Promise<EmbeddingSpace> => {
    connected = await HttpEmbedder.connect({ baseUrl: embedUrl, model: embedModel, apiKey: embedApiKey });
    return new EmbeddingSpace(new CachedEmbedder(connected), calibrations.get(connected.id));
  };
  return {
    // Shared by all who wait for it, so no one's signal may end it; one that failed is tried again by the next.
    space: () => {
      opening ??= connect();
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    },
    id: () => connected?.id ?? embedModel,
    close: async () => connected?.close(),
  };
}
