import { Document } from "@langchain/core/documents";
import { BaseRetriever } from "@langchain/core/retrievers";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { KnowledgeBase } from "../../../retrieval/knowledge-base";
import type { ContextQuery, PassageMetadata } from "../../../retrieval/passage";
import type { ContextSource, PassageRetriever } from "./context-source";

type Metadata = PassageMetadata & { readonly score: number };

/** The knowledge base as LangChain's retriever for one query. */
class KnowledgeRetriever extends BaseRetriever<Metadata> {
  override lc_namespace = ["terrace", "chain"];
  readonly #knowledge: KnowledgeBase;
  readonly #query: ContextQuery;

  constructor(knowledge: KnowledgeBase, query: ContextQuery) {
    super();
    this.#knowledge = knowledge;
    this.#query = query;
  }

  // Not `_getRelevantDocuments`, which gets no signal; see `Stage` for LangChain's callback managers.
  override async invoke(text: string, config: Partial<RunnableConfig> = {}): Promise<Document<Metadata>[]> {
    const passages = await this.#knowledge.retrieve({ ...this.#query, text }, config.signal);
    return passages.map(({ id, text: pageContent, score, metadata }) => {
      return new Document({ id, pageContent, metadata: { ...metadata, score } });
    });
  }
}

/** Lookups in the knowledge base. */
export function knowledgeSource(knowledge: KnowledgeBase, embedder: () => string | undefined): ContextSource {
  return {
    get embedder() {
      return embedder();
    },
    retriever: (query): PassageRetriever => new KnowledgeRetriever(knowledge, query),
  };
}
