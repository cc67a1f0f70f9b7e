import type { BaseRetrieverInterface } from "@langchain/core/retrievers";
import type { Task } from "../../../contract";
import type { CallContext } from "../../../engines/client/exchange";
import type { ContextQuery, Passage, PassageMetadata } from "../../../retrieval/passage";
import type { Prompt } from "../prompts/prompt";
import type { Explain, Warning } from "./explain";

/** What the three stages of a task do. Made once for a route; each request runs it. */
export interface ChainPlan<Material, Rendered extends Prompt, Answer> {
  readonly task: Task;
  /** Version of the prompt files, for `explain`. */
  readonly promptVersion: string;
  /** What to look up. @returns undefined where nothing is: the stage is then left out */
  readonly query: (material: Material) => ContextQuery | undefined;
  /** Makes the prompt. Passages are those that fit the context budget, nearest first. */
  readonly prompt: (material: Material, passages: readonly Passage[]) => Rendered | Promise<Rendered>;
  /** Asks the engine: a whole answer, or a stream of which the first step is here. */
  readonly generate: (prompt: Rendered, call: CallContext) => Promise<Answer>;
}

/** An answer with how it came about. */
export interface ChainRun<Answer> {
  readonly answer: Answer;
  /** Passages that stood in the prompt: the answer's sources. */
  readonly passages: readonly Passage[];
  readonly warnings: readonly Warning[];
  readonly explain: Explain;
}

/** Runs plans. One implementation: `LangChainChains`. */
export interface Chains {
  /**
   * Retriever → prompt → LLM call.
   * @throws PromptError, GenerationError: each an `AppError` with the status of what caused it; AppError 499 when the
   * call's signal aborted. A failed lookup throws nothing: the answer is made without context and says so, because
   * for every task with a chain context improves an answer that is also right without.
   */
  run<Material, Rendered extends Prompt, Answer>(
    plan: ChainPlan<Material, Rendered, Answer>,
    material: Material,
    call: CallContext,
  ): Promise<ChainRun<Answer>>;
}

/** A LangChain retriever for one query, nearest first; `metadata.score` is its calibrated cosine. */
export type PassageRetriever = BaseRetrieverInterface<PassageMetadata & { readonly score: number }>;

/** Where chains look things up: any LangChain retriever will do. */
export interface ContextSource {
  /** Id of the embedder, once known. */
  readonly embedder: string | undefined;
  retriever(query: ContextQuery): PassageRetriever;
}
