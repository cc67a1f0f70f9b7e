import type { CallContext } from "../../../engines/client/exchange";
import type { Packer } from "../../../retrieval/context-packing";
import type { ContextQuery, Passage } from "../../../retrieval/passage";
import { AppError } from "../../../shared/errors/app-error";
import type { Prompt } from "../prompts/prompt";
import type { ChainPlan, ChainRun, Chains, ContextSource } from "./chain";
import type { Explain } from "./explain";
import { Stage, type StageObserver } from "./stage";
import { GenerationError, PromptError, RetrievalError, type StageName } from "./stage-errors";

export interface LangChainChainsOptions {
  /** @default nothing is ever looked up */
  readonly context?: ContextSource | undefined;
  readonly pack: Packer;
  /** Tokens of a rendered prompt. */
  readonly countTokens: (prompt: Prompt) => number | Promise<number>;
  readonly observer: StageObserver;
  /** Hears of a lookup that failed, which no client sees as an error. */
  readonly onRetrievalError: (error: RetrievalError) => void;
  /**
   * Milliseconds that a lookup may take. @default 3000: context is optional, and of a TTFT target of 2 s a lookup that
   * works takes a few per cent; three seconds tell one that hangs
   */
  readonly retrievalTimeoutMs?: number | undefined;
}

const RETRIEVAL_TIMEOUT_MS = 3_000;

/** What retrieval came to. */
interface Lookup {
  readonly retrieval: Explain["retrieval"];
  readonly found: readonly Passage[];
  readonly packed: readonly Passage[];
}

const NOTHING = { found: [], packed: [] } as const;

/** Chains of LangChain Runnables: each stage is a {@link Stage}, and the retriever any LangChain retriever. */
export class LangChainChains implements Chains {
  readonly #options: LangChainChainsOptions;

  constructor(options: LangChainChainsOptions) {
    this.#options = options;
  }

  async run<Material, Rendered extends Prompt, Answer>(
    plan: ChainPlan<Material, Rendered, Answer>,
    material: Material,
    call: CallContext,
  ): Promise<ChainRun<Answer>> {
    const { context, countTokens, observer } = this.#options;
    const { task } = plan;
    const stagesMs: Record<StageName, number> = { retrieve: 0, prompt: 0, generate: 0 };
    const timed: StageObserver = {
      stageEnded(ofTask, stage, seconds, failed) {
        stagesMs[stage] = Math.round(seconds * 1e6) / 1e3;
        observer.stageEnded(ofTask, stage, seconds, failed);
      },
    };
    const config = { signal: call.signal };
    try {
      const lookup = await this.#lookUp(plan.query(material), task, call.signal, timed);
      const prompt = await new Stage({
        task,
        stage: "prompt",
        failure: PromptError,
        observer: timed,
        run: (passages: readonly Passage[]) => plan.prompt(material, passages),
      }).invoke(lookup.packed, config);
      const promptTokens = await countTokens(prompt);
      const answer = await new Stage({
        task,
        stage: "generate",
        failure: GenerationError,
        observer: timed,
        run: (rendered: Rendered) => plan.generate(rendered, call),
      }).invoke(prompt, config);
      return {
        answer,
        passages: lookup.packed,
        warnings: lookup.retrieval === "unavailable" ? ["RETRIEVAL_UNAVAILABLE"] : [],
        explain: {
          retrieval: lookup.retrieval,
          embedder: context?.embedder ?? null,
          retrieved: explained(lookup),
          prompt_version: plan.promptVersion,
          prompt_tokens: promptTokens,
          stages_ms: stagesMs,
        },
      };
    } catch (thrown) {
      if (call.signal.aborted) throw new AppError("CLIENT_CLOSED_REQUEST", { cause: thrown });
      throw thrown;
    }
  }

  async #lookUp(
    query: ContextQuery | undefined,
    task: ChainPlan<unknown, Prompt, unknown>["task"],
    caller: AbortSignal,
    observer: StageObserver,
  ): Promise<Lookup> {
    const { context, pack, onRetrievalError, retrievalTimeoutMs = RETRIEVAL_TIMEOUT_MS } = this.#options;
    if (query === undefined || context === undefined) return { retrieval: "off", ...NOTHING };
    const signal = AbortSignal.any([caller, AbortSignal.timeout(retrievalTimeoutMs)]);
    const stage = new Stage({
      task,
      stage: "retrieve",
      failure: RetrievalError,
      observer,
      run: async (asked: ContextQuery, config): Promise<Lookup> => {
        const found = await within(signal, retrieve(context, asked, { ...config, signal }));
        const packed = pack(found);
        return { retrieval: packed.length > 0 ? "used" : "empty", found, packed };
      },
    });
    try {
      return await stage.invoke(query, { signal });
    } catch (thrown) {
      if (caller.aborted || !(thrown instanceof RetrievalError)) throw thrown;
      onRetrievalError(thrown);
      return { retrieval: "unavailable", ...NOTHING };
    }
  }
}

async function retrieve(
  context: ContextSource,
  query: ContextQuery,
  config: { readonly signal: AbortSignal },
): Promise<Passage[]> {
  const documents = await context.retriever(query).invoke(query.text, config);
  return documents.map(({ id = "", pageContent: text, metadata: { score, ...metadata } }) => {
    return { id, score, text, metadata };
  });
}

/** Settles with the work, or rejects as soon as the signal aborts, also where the work does not listen to it. */
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

function explained({ found, packed }: Lookup): Explain["retrieved"] {
  const inPrompt = new Set(packed.map((passage) => passage.id));
  return found.map(({ id, score }) => ({ id, score, in_prompt: inPrompt.has(id) }));
}
