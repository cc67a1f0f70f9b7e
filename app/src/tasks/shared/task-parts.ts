import type { PromptVersion } from "../../config/prompt-version";
import type { AdapterServing } from "../../engines/adapters/adapter-serving";
import type { ModelPool } from "../../engines/client/model-pool";
import type { EventStreams } from "../../http/streams/event-streams";
import type { DegradedMode } from "../../operations/degraded/degraded-mode";
import type { KnowledgeBase } from "../../retrieval/knowledge-base";
import type { Retrieval } from "../../retrieval/retrieval";
import type { Database } from "../../stores/postgres/database";
import type { ResponseCache } from "../../stores/response-cache";
import type { Chain, ChainRequest } from "./chain/chain";

/** What every task is put together from, and the options of its routes. */
export interface TaskParts {
  readonly models: ModelPool;
  readonly adapters: AdapterServing;
  readonly database: Database;
  readonly cache: ResponseCache;
  readonly retrieval: Pick<Retrieval, "comparable">;
  /** Where stored texts are found by their meaning; undefined without a vector store. */
  readonly knowledge: KnowledgeBase | undefined;
  /** Indexes, in the background, the stored texts that the vector store lacks. */
  readonly reindex: () => void;
  readonly startChain: (request: ChainRequest) => Chain;
  readonly streams: EventStreams;
  readonly degraded: DegradedMode;
  readonly promptVersion: PromptVersion;
  /** Estimated tokens of a rendered prompt, context included. */
  readonly promptBudgetTokens: number;
  /** Of which retrieved notes may take; 0 leaves retrieval out. */
  readonly contextBudgetTokens: number;
}
