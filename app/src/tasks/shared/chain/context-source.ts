import type { BaseRetrieverInterface } from "@langchain/core/retrievers";
import type { ContextQuery, Passage, PassageMetadata } from "../../../retrieval/passage";

/** A LangChain retriever for one query, nearest first; `metadata.score` is its calibrated cosine. */
export type PassageRetriever = BaseRetrieverInterface<PassageMetadata & { readonly score: number }>;

/** Where chains look things up: any LangChain retriever will do. */
export interface ContextSource {
  /** Id of the embedder, once known. */
  readonly embedder: string | undefined;
  retriever(query: ContextQuery): PassageRetriever;
}

/** The passages that a source has for a query, nearest first. Rejects as soon as the signal aborts. */
export async function retrievePassages(
  source: ContextSource,
  query: ContextQuery,
  signal: AbortSignal,
): Promise<Passage[]> {
  const documents = await within(signal, source.retriever(query).invoke(query.text, { signal }));
  return documents.map(({ id = "", pageContent: text, metadata: { score, ...metadata } }) => {
    return { id, score, text, metadata };
  });
}

/** Settles with the work, or rejects as soon as the signal aborts, also where the work ignores it. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
