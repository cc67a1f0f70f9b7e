import type { FastifyBaseLogger } from "fastify";
import type { Registry } from "prom-client";
import { contextPacker } from "../retrieval/context-packing";
import { KnowledgeSync } from "../retrieval/knowledge-sync";
import type { Retrieval } from "../retrieval/retrieval";
import { isCollectionLost } from "../retrieval/store-errors";
import { estimateTokens } from "../shared/tokens/estimate";
import type { Stores } from "../stores/open-stores";
import { Chain, type ChainOptions } from "../tasks/shared/chain/chain";
import { ChainMetrics } from "../tasks/shared/chain/chain-metrics";
import { knowledgeSource } from "../tasks/shared/chain/knowledge-source";
import type { Prompt } from "../tasks/shared/prompts/prompt";
import type { TaskParts } from "../tasks/shared/task-parts";
import { TilStore } from "../tasks/shared/til-store";
import { tilNotes } from "../tasks/til/til-library";

type GivenParts = "models" | "adapters" | "streams" | "degraded" | "promptVersion" | "promptBudgetTokens";

export interface OpenTaskPartsOptions extends Pick<TaskParts, GivenParts | "contextBudgetTokens"> {
  readonly stores: Pick<Stores, "database" | "responseCache"> & Partial<Pick<Stores, "databaseKind">>;
  readonly retrieval: Retrieval;
  readonly registry: Registry;
  readonly log: Pick<FastifyBaseLogger, "warn">;
}

export interface OpenTaskParts {
  readonly parts: TaskParts;
  /** Brings the index up to the stored TILs, in the background. */
  start(): void;
  stop(): Promise<void>;
}

/** What tasks are made from, with the index of stored TILs behind it. */
export function openTaskParts(options: OpenTaskPartsOptions): OpenTaskParts {
  const { stores, retrieval, registry, log, ...given } = options;
  // Without a vector store nothing is looked up and nothing indexed; questions are still compared.
  const knowledge = retrieval.storeKind === "absent" ? undefined : retrieval.knowledge;
  const sync = openSync(options);
  const chainOptions: ChainOptions = {
    context: knowledge && knowledgeSource(knowledge, () => retrieval.embedder),
    pack: contextPacker(given.contextBudgetTokens),
    countTokens: promptTokens,
    observer: new ChainMetrics(registry),
    onRetrievalError: (cause) => {
      log.warn({ err: cause }, "answered without the user's stored texts");
      if (isCollectionLost(cause)) sync?.request();
    },
  };
  return {
    parts: {
      ...given,
      database: stores.database,
      cache: stores.responseCache,
      retrieval,
      knowledge,
      reindex: () => sync?.request(),
      startChain: (request) => new Chain(chainOptions, request),
    },
    start: () => sync?.request(),
    stop: async () => sync?.stop(),
  };
}

/** Undefined where there is nothing to index, or nowhere to. */
function openSync({ stores, retrieval, log }: OpenTaskPartsOptions): KnowledgeSync | undefined {
  if (retrieval.storeKind === "absent" || stores.databaseKind === "absent") return undefined;
  const tils = new TilStore(stores.database);
  return new KnowledgeSync({
    knowledge: retrieval.knowledge,
    documents: () => tilNotes(tils),
    onError: (cause) => log.warn({ err: cause }, "stored TILs could not be indexed; tried again later"),
  });
}

function promptTokens({ messages }: Prompt): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
}
