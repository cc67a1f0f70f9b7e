import { randomUUID } from "node:crypto";
import type { AdapterServing } from "../../engines/adapters/adapter-serving";
import type { ModelPool } from "../../engines/client/model-pool";
import { type Answerer, type CompletionStream, NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { GenerationCall } from "../../engines/client/task-model";
import type { Passage } from "../../retrieval/passage";
import type { ResponseCache } from "../../stores/response-cache";
import { type AnsweredBy, answeredBy, NO_MODEL } from "../shared/answered-by";
import type { Chain, ChainRequest } from "../shared/chain/chain";
import type { Explain } from "../shared/chain/explain";
import { type GenerationMode, generate, streamed } from "../shared/generate";
import { passageNote } from "../shared/prompts/notes";
import { type AnswerFormat, shortenable } from "../shared/prompts/prompt";
import { structured } from "../shared/structured";
import { addUsage } from "../shared/usage";
import { type PreparedTil, prepareTil, type SkippedFile, type TilRequest } from "./prepare-til";
import type { TilPrompts } from "./prompts/til-prompts";
import { simpleTil } from "./simple-til";
import { readTilMarkdown, type TilDraft, tilDraftSchema } from "./til-draft";
import type { Kept, TilLibrary } from "./til-library";
import { tilQuery } from "./til-query";

export interface TilWriterOptions {
  readonly models: ModelPool;
  readonly adapters: AdapterServing;
  readonly startChain: (request: ChainRequest) => Chain;
  readonly cache: ResponseCache;
  readonly prompts: TilPrompts;
  readonly library: TilLibrary;
  /** Estimated tokens of a rendered prompt, context included. */
  readonly promptBudgetTokens: number;
  /** Of which retrieved notes may take; 0 leaves retrieval out. */
  readonly contextBudgetTokens: number;
  /** Called with what made a summary of a file useless. */
  readonly onSummaryError: (cause: unknown) => void;
}

type TilWarning = "RETRIEVAL_UNAVAILABLE" | "CHANGES_TRUNCATED" | "SUMMARY_FAILED" | "SECRETS_REDACTED";

/** The fields of a TIL that are ready before its text. */
export interface TilHead extends AnsweredBy {
  /** UUID under which it will be kept. */
  readonly id: string;
  readonly sources: readonly Passage[];
  readonly skipped: readonly SkippedFile[];
  readonly redacted: Readonly<Record<string, number>>;
  readonly warnings: readonly (TilWarning | Kept["warnings"][number])[];
  readonly explain: (Explain & { readonly summarised_files: number; readonly summarise_ms: number }) | undefined;
  /** Of the calls that were made before the text. */
  readonly usage: Usage;
}

/** A whole TIL. `id` is null where it is not kept. */
export interface WrittenTil extends Omit<TilHead, "id">, TilDraft {
  readonly id: string | null;
}

/** What became of a TIL that was streamed. */
export interface FinishedTil extends Pick<TilDraft, "title" | "keywords"> {
  readonly id: string | null;
  readonly warnings: readonly ("ANSWER_TRUNCATED" | Kept["warnings"][number])[];
}

/** A TIL whose text is being written. */
export interface OpenedTil extends TilHead {
  readonly stream: CompletionStream;
  /** Keeps the text once it is over. @param truncated whether it was cut off at its token limit */
  readonly finish: (markdown: string, truncated: boolean) => Promise<FinishedTil>;
}

/**
 * Writes TILs: hides secrets, summarises changes file by file where they do not fit into one prompt, looks the user's
 * earlier notes up, calls the model, and keeps the result.
 */
export class TilWriter {
  readonly #options: TilWriterOptions;

  constructor(options: TilWriterOptions) {
    this.#options = options;
  }

  /** A whole TIL. @throws AppError as {@link Chain} */
  async write(request: TilRequest, call: GenerationCall): Promise<WrittenTil> {
    const mode = structured({ name: "til", schema: tilDraftSchema });
    const { head, answer } = await this.#run(request, call, "json", mode);
    // JSON that could be read is complete, however the answer ended.
    const kept = await this.#keep(request, head, answer.value, false);
    const usage = addUsage(head.usage, answer.usage);
    return { ...head, ...answer.value, ...kept, warnings: [...head.warnings, ...kept.warnings], usage };
  }

  /** A TIL in Markdown whose first step is here. @throws AppError as {@link Chain} */
  async open(request: TilRequest, call: GenerationCall): Promise<OpenedTil> {
    const { head, answer } = await this.#run(request, call, "markdown", streamed);
    return {
      ...head,
      stream: answer,
      finish: async (markdown, truncated) => {
        const draft = readTilMarkdown(markdown, head.fallbackTitle);
        const { title, keywords } = draft;
        const { id, warnings } = await this.#keep(request, head, draft, truncated);
        return { id, title, keywords, warnings: truncated ? ["ANSWER_TRUNCATED", ...warnings] : warnings };
      },
    };
  }

  /** A TIL without a model, for a degraded instance. Not kept: it is no text to learn from. */
  async simple(request: TilRequest): Promise<WrittenTil> {
    const { material, skipped, redacted } = await prepareTil(request);
    return {
      ...simpleTil(material),
      id: null,
      ...NO_MODEL,
      sources: [],
      skipped,
      redacted,
      explain: undefined,
      usage: NO_USAGE,
      warnings: Object.keys(redacted).length > 0 ? ["SECRETS_REDACTED", "NOT_STORED"] : ["NOT_STORED"],
    };
  }

  get #model() {
    return this.#options.models.forTask("til");
  }

  async #run<T extends Answerer>(
    request: TilRequest,
    call: GenerationCall,
    format: AnswerFormat,
    mode: GenerationMode<T>,
  ) {
    const { adapters, startChain, prompts, promptBudgetTokens, contextBudgetTokens } = this.#options;
    const { user, domain, adapter: name } = request;
    const started = performance.now();
    const prepared = await this.#prepare(request, call);
    const summariseMs = Math.round(performance.now() - started);
    const { material } = prepared;
    const choice = adapters.resolve({ user, domain, task: "til", name });
    const chain = startChain({ task: "til", promptVersion: prompts.version, signal: call.signal });
    const passages = await chain.lookup(contextBudgetTokens === 0 ? undefined : tilQuery(material));
    const prompt = await chain.prompt(passages.map(passageNote), (notes) =>
      shortenable((tokens) => prompts.til({ ...material, notes }, format, tokens), promptBudgetTokens),
    );
    const answer = await chain.answer(prompt, (rendered) =>
      generate({ model: this.#model, prompt: rendered, mode, call, adapters, choice }),
    );
    const cut = answer.cut ? (["CHANGES_TRUNCATED"] as const) : [];
    const head = {
      id: randomUUID(),
      ...answeredBy(answer),
      sources: passages,
      skipped: prepared.skipped,
      redacted: prepared.redacted,
      warnings: [...prepared.warnings, ...cut, ...chain.warnings],
      explain: { ...chain.explain, summarised_files: prepared.summarisedFiles, summarise_ms: summariseMs },
      usage: prepared.usage,
      fallbackTitle: simpleTil(material).title,
      repos: material.repositories.map((repository) => repository.name),
    };
    return { head, answer };
  }

  #prepare(request: TilRequest, call: GenerationCall): Promise<PreparedTil> {
    const { prompts, cache, onSummaryError, promptBudgetTokens, contextBudgetTokens } = this.#options;
    return prepareTil(request, {
      model: this.#model,
      prompts,
      cache,
      call,
      onSummaryError,
      // Beside the changes the prompt has its instructions and the notes.
      inlineBudgetTokens: promptBudgetTokens - contextBudgetTokens - INSTRUCTION_TOKENS,
      budgetTokens: promptBudgetTokens,
    });
  }

  #keep(
    { user, date, domain, language }: TilRequest,
    head: { readonly id: string; readonly model: string; readonly adapter: string | null; readonly repos: string[] },
    draft: TilDraft,
    truncated: boolean,
  ): Promise<Kept> {
    const { id, model, adapter, repos } = head;
    return this.#options.library.keep({ ...draft, id, user, date, domain, language, repos, model, adapter, truncated });
  }
}

/** Tokens of the longest instructions of a TIL prompt with its head, see `test/tasks/shared/prompts/prompts.test.ts`. */
export const INSTRUCTION_TOKENS = 600;
