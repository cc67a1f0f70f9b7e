import type { Registry } from "prom-client";
import type { Config } from "../config/config";
import type { Prompt } from "../prompts/prompt";
import { contextPacker } from "../retrieval/context-packing";
import type { Retrieval } from "../retrieval/retrieval";
import type { Chains } from "./chain";
import { ChainMetrics } from "./chain-metrics";
import { knowledgeSource } from "./knowledge-source";
import { LangChainChains, type LangChainChainsOptions } from "./langchain-chains";

export interface OpenChainsOptions {
  readonly config: Pick<Config, "retrieval">;
  readonly retrieval: Retrieval;
  readonly registry: Registry;
  /** Tokens of a text. */
  readonly countTokens: (text: string) => number | Promise<number>;
  readonly onRetrievalError: LangChainChainsOptions["onRetrievalError"];
}

/** Chains over the knowledge base; without lookups where there is no vector store or no budget for context. */
export function openChains(options: OpenChainsOptions): Chains {
  const { config, retrieval, registry, countTokens, onRetrievalError } = options;
  const { contextBudgetTokens } = config.retrieval;
  const looksUp = retrieval.storeKind !== "absent" && contextBudgetTokens > 0;
  return new LangChainChains({
    context: looksUp ? knowledgeSource(retrieval.knowledge, () => retrieval.embedder) : undefined,
    pack: contextPacker(contextBudgetTokens),
    countTokens: async ({ messages }: Prompt) => {
      const counts = await Promise.all(messages.map(({ content }) => countTokens(content)));
      return counts.reduce((sum, tokens) => sum + tokens, 0);
    },
    observer: new ChainMetrics(registry),
    onRetrievalError,
  });
}
