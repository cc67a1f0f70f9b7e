import { absentVectorStore } from "../../src/retrieval/absent-store";
import { CALIBRATIONS } from "../../src/retrieval/load-calibrations";
import { openEmbedder } from "../../src/retrieval/open-embedder";
import { Retrieval } from "../../src/retrieval/retrieval";
import type { VectorStore } from "../../src/retrieval/vector-store";

export interface TestRetrievalOptions {
  /** @default none: nothing can be looked up */
  readonly store?: VectorStore;
  /** OpenAI-compatible URL that embeds. @default hashed n-grams */
  readonly embedUrl?: string;
  readonly embedModel?: string;
  /** @default 20 */
  readonly topK?: number;
  readonly onState?: (up: boolean) => void;
}

/** Retrieval for a gateway under test. */
export function testRetrieval(options: TestRetrievalOptions = {}): Retrieval {
  const { topK = 20, embedUrl, embedModel } = options;
  const embedder = openEmbedder({ embedUrl, embedModel, embedApiKey: undefined }, CALIBRATIONS);
  return new Retrieval({
    store: options.store ?? absentVectorStore(),
    embedder,
    calibrations: CALIBRATIONS,
    topK,
    onState: options.onState ?? (() => {}),
  });
}
