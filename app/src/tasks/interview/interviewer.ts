import { z } from "zod";
import type { AdapterServing } from "../../engines/adapters/adapter-serving";
import type { AdapterChoice } from "../../engines/adapters/selection";
import type { ModelPool } from "../../engines/client/model-pool";
import { NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { GenerationCall } from "../../engines/client/task-model";
import type { Retrieval } from "../../retrieval/retrieval";
import { AppError } from "../../shared/errors/app-error";
import { type AnsweredBy, answeredBy, NO_MODEL } from "../shared/answered-by";
import type { Chain, ChainRequest } from "../shared/chain/chain";
import type { Explain } from "../shared/chain/explain";
import { generate } from "../shared/generate";
import { passageNote } from "../shared/prompts/notes";
import { type ContentLanguage, type Note, type ShortenablePrompt, shortenable } from "../shared/prompts/prompt";
import { structured } from "../shared/structured";
import type { TilStore } from "../shared/til-store";
import { addUsage } from "../shared/usage";
import { type AboutText, findMaterial, type InterviewSubject } from "./interview-material";
import { type JudgedQuestion, type JudgeQuestionsOptions, judgeQuestions, type Question } from "./judge-questions";
import type { InterviewLevel, InterviewMaterial, InterviewPrompts } from "./prompts/interview-prompts";
import { simpleInterview } from "./simple-interview";

export interface InterviewerOptions {
  readonly models: ModelPool;
  readonly adapters: AdapterServing;
  readonly startChain: (request: ChainRequest) => Chain;
  readonly prompts: InterviewPrompts;
  readonly tils: TilStore;
  /** Estimated tokens of a rendered prompt, context included. */
  readonly promptBudgetTokens: number;
  /** Of which retrieved notes may take; 0 leaves retrieval out. */
  readonly contextBudgetTokens: number;
  /** @default questions are only compared letter by letter */
  readonly compare?: Retrieval["comparable"] | undefined;
  /** Called with a comparison's failure, which the answer carries as a warning. */
  readonly onCompareError: (cause: unknown) => void;
}

export interface InterviewRequest {
  readonly user: string;
  readonly language: ContentLanguage;
  readonly level: InterviewLevel;
  readonly category?: string | undefined;
  readonly count: number;
  readonly subject: InterviewSubject;
  /** Name of an adapter. @default the user's active one for interviews */
  readonly adapter?: string | undefined;
}

export interface Interview extends AnsweredBy {
  readonly questions: readonly JudgedQuestion[];
  readonly usage: Usage;
  readonly warnings: readonly ("RETRIEVAL_UNAVAILABLE" | "CHANGES_TRUNCATED" | "FEWER_QUESTIONS" | "NOT_COMPARED")[];
  readonly explain: Explain | undefined;
}

export const questionSchema = z.object({
  question: z.string().min(1),
  answer: z.string().min(1),
  difficulty: z.int().min(1).max(3).describe("1 easy to 3 hard"),
});

/** Makes interview questions from a text or from what a user has stored, each different from the others. */
export class Interviewer {
  readonly #options: InterviewerOptions;

  constructor(options: InterviewerOptions) {
    this.#options = options;
  }

  /**
   * Questions from a model. Where some repeat others, a second call makes as many as are missing.
   * @throws AppError 404 UNKNOWN_TIL, NO_TILS; 503 STORE_UNAVAILABLE where stored TILs are needed and cannot be read;
   * and as {@link Chain}
   */
  async ask(request: InterviewRequest, call: GenerationCall): Promise<Interview> {
    const { adapters, startChain, prompts, contextBudgetTokens, tils } = this.#options;
    const { user, subject, count } = request;
    const found = await findMaterial(tils, subject, user, request.category);
    const choice = adapters.resolve({ user, domain: "interview", task: "interview", name: request.adapter });
    const chain = startChain({ task: "interview", promptVersion: prompts.version, signal: call.signal });
    const except = found.til?.id === undefined ? [] : [found.til.id];
    const passages = await chain.lookup(contextBudgetTokens === 0 ? undefined : { user, text: found.query, except });
    const notes: readonly Note[] = passages.length > 0 ? passages.map(passageNote) : found.notes;
    const material = { ...request, til: found.til, notes };
    const prompt = await chain.prompt(material, (about) => this.#prompt({ ...about, asked: [] }));
    const answer = await chain.answer(prompt, (rendered) => this.#generate(rendered, count, choice, call));
    const retrieved = passages.map(({ id, text }) => ({ id, text }));
    const stored = found.notes.map(({ id, text }) => ({ id, text }));
    const sources: AboutText[] = [
      ...(found.til === undefined ? [] : [{ id: found.til.id, text: found.til.body }]),
      ...(retrieved.length > 0 ? retrieved : stored),
    ];
    const judging: JudgeQuestionsOptions = { ...this.#options, signal: call.signal };
    let judged = await judgeQuestions(answer.value.questions, sources, judging);
    let usage = answer.usage;
    const missing = count - judged.questions.length;
    if (missing > 0) {
      const asked = judged.questions.map(({ question }) => question);
      const more = await this.#more({ ...material, count: missing, asked }, choice, call);
      usage = addUsage(usage, more.usage);
      judged = await judgeQuestions([...judged.questions, ...more.questions], sources, judging);
    }
    return {
      questions: judged.questions,
      ...answeredBy(answer),
      usage,
      warnings: [
        ...chain.warnings,
        ...(answer.cut ? (["CHANGES_TRUNCATED"] as const) : []),
        ...(judged.questions.length < count ? (["FEWER_QUESTIONS"] as const) : []),
        ...(judged.compared ? [] : (["NOT_COMPARED"] as const)),
      ],
      explain: chain.explain,
    };
  }

  /** Questions without a model, for a degraded instance. @throws AppError as `ask`, save the model's own */
  async simple(request: InterviewRequest): Promise<Interview> {
    const found = await findMaterial(this.#options.tils, request.subject, request.user, request.category);
    const questions = simpleInterview({ ...request, til: found.til, notes: found.notes, asked: [] });
    const ids = [found.til?.id, ...found.notes.map(({ id }) => id)].flatMap((id) => id ?? []);
    return {
      questions: questions.map((question) => ({ ...question, source_ids: ids, similarity: null })),
      ...NO_MODEL,
      usage: NO_USAGE,
      explain: undefined,
      warnings: questions.length < request.count ? ["FEWER_QUESTIONS"] : [],
    };
  }

  /** A few more questions. None where that fails: those that are there already must not be lost with it. */
  async #more(
    material: InterviewMaterial,
    choice: AdapterChoice,
    call: GenerationCall,
  ): Promise<{ readonly questions: readonly Question[]; readonly usage: Usage }> {
    try {
      const { value, usage } = await this.#generate(this.#prompt(material), material.count, choice, call);
      return { questions: value.questions, usage };
    } catch (thrown) {
      if (call.signal.aborted || !(thrown instanceof AppError)) throw thrown;
      return { questions: [], usage: NO_USAGE };
    }
  }

  #prompt(material: InterviewMaterial): ShortenablePrompt {
    const { prompts, promptBudgetTokens } = this.#options;
    return shortenable((tokens) => prompts.interview(material, tokens), promptBudgetTokens);
  }

  #generate(prompt: ShortenablePrompt, count: number, choice: AdapterChoice, call: GenerationCall) {
    const { adapters, models } = this.#options;
    // Exactly as many as are wanted, so that an engine that decodes under the schema gives them.
    const schema = z.object({ questions: z.array(questionSchema).length(count) });
    const mode = structured({ name: "interview", schema });
    return generate({ model: models.forTask("interview"), prompt, mode, call, adapters, choice });
  }
}
