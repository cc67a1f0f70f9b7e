import type { TaskThatIs } from "../../../contract/tasks";
import type { Packer } from "../../../retrieval/context-packing";
import type { ContextQuery, Passage } from "../../../retrieval/passage";
import { AppError } from "../../../shared/errors/app-error";
import type { Prompt } from "../prompts/prompt";
import { type ContextSource, retrievePassages } from "./context-source";
import type { Explain } from "./explain";
import { Stage, type StageObserver, type StageOptions } from "./stage";
import { GenerationError, PromptError, RetrievalError, type StageName } from "./stage-errors";

export interface ChainOptions {
  /** @default nothing is ever looked up */
  readonly context?: ContextSource | undefined;
  readonly pack: Packer;
  /** Tokens of a rendered prompt. */
  readonly countTokens: (prompt: Prompt) => number | Promise<number>;
  readonly observer: StageObserver;
  /** Called with a lookup's failure, which no client sees as an error. */
  readonly onRetrievalError: (error: RetrievalError) => void;
  /**
   * Milliseconds that a lookup may take. @default 3000: context is optional, and of a TTFT target of 2 s a lookup that
   * works takes a few per cent; after three seconds it hangs
   */
  readonly retrievalTimeoutMs?: number | undefined;
}

/** The request that a chain answers. */
export interface ChainRequest {
  readonly task: TaskThatIs<"chained">;
  /** Version of the prompt files, for `explain`. */
  readonly promptVersion: string;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

const RETRIEVAL_TIMEOUT_MS = 3_000;

/** Result of the lookup. */
interface Lookup {
  readonly retrieval: Explain["retrieval"];
  readonly found: readonly Passage[];
  readonly packed: readonly Passage[];
}

/**
 * Retrieval → prompt → LLM call, for one request: `lookup`, `prompt` and `answer`, called in this order. Each is a
 * LangChain Runnable, see {@link Stage}, with a span, a timing and a class of error of its own: an `AppError` with the
 * status of what caused it, or 499 when the request's signal aborted.
 */
export class Chain {
  readonly #options: ChainOptions;
  readonly #request: ChainRequest;
  readonly #stagesMs: Record<StageName, number> = { retrieve: 0, prompt: 0, generate: 0 };
  #lookup: Lookup = { retrieval: "off", found: [], packed: [] };
  #promptTokens = 0;

  constructor(options: ChainOptions, request: ChainRequest) {
    this.#options = options;
    this.#request = request;
  }

  /**
   * Passages that fit the context budget, nearest first. A failure throws nothing: the answer is made without context, with a
   * warning, because for every task with a chain context improves an answer that is also right without.
   * @param query undefined: nothing is looked up, and there is no such stage
   */
  async lookup(query: ContextQuery | undefined): Promise<readonly Passage[]> {
    const { context, pack, onRetrievalError, retrievalTimeoutMs = RETRIEVAL_TIMEOUT_MS } = this.#options;
    if (query === undefined || context === undefined) return [];
    const signal = AbortSignal.any([this.#request.signal, AbortSignal.timeout(retrievalTimeoutMs)]);
    const run = async (asked: ContextQuery): Promise<Lookup> => {
      const found = await retrievePassages(context, asked, signal);
      const packed = pack(found);
      return { retrieval: packed.length > 0 ? "used" : "empty", found, packed };
    };
    try {
      this.#lookup = await this.#run({ stage: "retrieve", failure: RetrievalError, run }, query, signal);
    } catch (thrown) {
      if (!(thrown instanceof RetrievalError)) throw thrown;
      onRetrievalError(thrown);
      this.#lookup = { retrieval: "unavailable", found: [], packed: [] };
    }
    return this.#lookup.packed;
  }

  /** Makes the prompt. @throws PromptError */
  async prompt<Material, Rendered extends Prompt>(
    material: Material,
    run: (material: Material) => Rendered | Promise<Rendered>,
  ): Promise<Rendered> {
    const prompt = await this.#run({ stage: "prompt", failure: PromptError, run }, material);
    this.#promptTokens = await this.#options.countTokens(prompt);
    return prompt;
  }

  /** Calls the model, for a whole answer or for a stream of which the first step is here. @throws GenerationError */
  answer<Rendered extends Prompt, T>(prompt: Rendered, run: (prompt: Rendered) => Promise<T>): Promise<T> {
    return this.#run({ stage: "generate", failure: GenerationError, run }, prompt);
  }

  /** What the answer lacks although it was wanted. */
  get warnings(): readonly "RETRIEVAL_UNAVAILABLE"[] {
    return this.#lookup.retrieval === "unavailable" ? ["RETRIEVAL_UNAVAILABLE"] : [];
  }

  /** How the answer came about; complete once the answer is there. */
  get explain(): Explain {
    const { retrieval, found, packed } = this.#lookup;
    const inPrompt = new Set(packed.map(({ id }) => id));
    return {
      retrieval,
      embedder: this.#options.context?.embedder ?? null,
      retrieved: found.map(({ id, score }) => ({ id, score, in_prompt: inPrompt.has(id) })),
      prompt_version: this.#request.promptVersion,
      prompt_tokens: this.#promptTokens,
      stages_ms: this.#stagesMs,
    };
  }

  async #run<Input, Output>(
    stage: Pick<StageOptions<Input, Output>, "stage" | "failure" | "run">,
    input: Input,
    signal = this.#request.signal,
  ): Promise<Output> {
    try {
      return await new Stage({ ...stage, task: this.#request.task, observer: this.#timed }).invoke(input, { signal });
    } catch (thrown) {
      if (this.#request.signal.aborted) throw new AppError("CLIENT_CLOSED_REQUEST", { cause: thrown });
      throw thrown;
    }
  }

  readonly #timed: StageObserver = {
    stageEnded: (task, stage, seconds, failed) => {
      this.#stagesMs[stage] = Math.round(seconds * 1e6) / 1e3;
      this.#options.observer.stageEnded(task, stage, seconds, failed);
    },
  };
}
