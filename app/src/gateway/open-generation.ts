import type { FastifyBaseLogger } from "fastify";
import type { Registry } from "prom-client";
import type { AdapterServing } from "../engines/adapters/serving";
import type { ModelPool } from "../engines/client/model-pool";
import { contextPacker } from "../retrieval/context-packing";
import { KnowledgeSync } from "../retrieval/knowledge-sync";
import type { Retrieval } from "../retrieval/retrieval";
import { isCollectionLost } from "../retrieval/store-errors";
import { estimateTokens } from "../shared/tokens/estimate";
import type { Stores } from "../stores/open-stores";
import { Interviewer } from "../tasks/interview/interviewer";
import { NewsEditor } from "../tasks/news/news-editor";
import { Chain, type ChainOptions, type ChainRequest } from "../tasks/shared/chain/chain";
import { ChainMetrics } from "../tasks/shared/chain/chain-metrics";
import { knowledgeSource } from "../tasks/shared/chain/knowledge-source";
import type { Prompt } from "../tasks/shared/prompts/prompt";
import { TilStore } from "../tasks/shared/til-store";
import { TilLibrary, tilNotes } from "../tasks/til/til-library";
import { TilWriter } from "../tasks/til/til-writer";
import type { PromptSet } from "./prompt-versions";

export interface OpenGenerationOptions {
  readonly models: ModelPool;
  readonly adapters: AdapterServing;
  readonly stores: Pick<Stores, "database" | "responseCache"> & Partial<Pick<Stores, "databaseKind">>;
  readonly retrieval: Retrieval;
  readonly prompts: PromptSet;
  readonly promptBudgetTokens: number;
  readonly contextBudgetTokens: number;
  readonly registry: Registry;
  readonly log: Pick<FastifyBaseLogger, "warn">;
}

/** What makes the tasks' texts. */
export interface Generation {
  readonly tilWriter: TilWriter;
  readonly interviewer: Interviewer;
  readonly newsEditor: NewsEditor;
  /** Brings the index up to the stored TILs, in the background. */
  start(): void;
  stop(): Promise<void>;
}

/** Puts the tasks together from models, adapters, stores and retrieval. */
export function openGeneration(options: OpenGenerationOptions): Generation {
  const { models, adapters, stores, retrieval, prompts, log, registry } = options;
  const { promptBudgetTokens, contextBudgetTokens } = options;
  const tils = new TilStore(stores.database);
  // Without a vector store nothing is looked up and nothing indexed; questions are still compared.
  const knowledge = retrieval.storeKind === "absent" ? undefined : retrieval.knowledge;
  const sync =
    knowledge &&
    stores.databaseKind !== "absent" &&
    new KnowledgeSync({
      knowledge,
      documents: () => tilNotes(tils),
      onError: (cause) => log.warn({ err: cause }, "stored TILs could not be indexed; tried again later"),
    });
  const library = new TilLibrary({
    ...{ store: tils, index: knowledge },
    onError: (what, cause) => {
      log.warn({ err: cause }, `a TIL could not be kept: ${what}`);
      if (what === "index" && sync) sync.request();
    },
  });
  const chainOptions: ChainOptions = {
    context: knowledge && knowledgeSource(knowledge, () => retrieval.embedder),
    pack: contextPacker(contextBudgetTokens),
    countTokens: promptTokens,
    observer: new ChainMetrics(registry),
    onRetrievalError: (cause) => {
      log.warn({ err: cause }, "answered without the user's stored texts");
      if (sync && isCollectionLost(cause)) sync.request();
    },
  };
  const startChain = (request: ChainRequest) => new Chain(chainOptions, request);
  const common = {
    cache: stores.responseCache,
    models,
    adapters,
    startChain,
    prompts,
    promptBudgetTokens,
    contextBudgetTokens,
  };
  return {
    tilWriter: new TilWriter({
      ...{ ...common, library },
      onSummaryError: (cause) =>
        log.warn({ err: cause }, "a file's change was not summarised: its answer could not be used"),
    }),
    newsEditor: new NewsEditor(common),
    interviewer: new Interviewer({
      ...{ ...common, tils },
      compare: (texts, signal) => retrieval.comparable(texts, signal),
      onCompareError: (cause) => log.warn({ err: cause }, "questions were not compared by meaning"),
    }),
    start() {
      if (sync) sync.request();
    },
    async stop() {
      if (sync) await sync.stop();
    },
  };
}

function promptTokens({ messages }: Prompt): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
}
