import { z } from "zod";
import { TASKS } from "../../contract/tasks";
import type { AdapterServing } from "../../engines/adapters/adapter-serving";
import type { ModelPool } from "../../engines/client/model-pool";
import { type CompletionStream, NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { GenerationCall } from "../../engines/client/task-model";
import { firstSentences, splitSentences } from "../../shared/sentences";
import { estimateTokens } from "../../shared/tokens/estimate";
import type { CacheResult, ResponseCache } from "../../stores/response-cache";
import { type AnsweredBy, NO_MODEL } from "../shared/answered-by";
import { generate, streamed } from "../shared/generate";
import { shortenable } from "../shared/prompts/prompt";
import { structured } from "../shared/structured";
import type { NewsMaterial, NewsPrompts } from "./prompts/news-prompts";

export interface NewsEditorOptions {
  readonly models: ModelPool;
  readonly adapters: AdapterServing;
  readonly cache: ResponseCache;
  readonly prompts: NewsPrompts;
  /** Estimated tokens of a rendered prompt. */
  readonly promptBudgetTokens: number;
}

/** Characters of an article in which its first sentences are looked for. */
const TEXT_CHARS = 20_000;

export interface NewsRequest extends NewsMaterial {
  /** Name of an adapter. @default the active one for news */
  readonly adapter?: string | undefined;
}

export const newsDraftSchema = z.object({
  summary: z.string().min(1),
  bullets: z.array(z.string().min(1)).max(7),
  keywords: z.array(z.string().min(1)).max(10),
});

type NewsDraft = z.output<typeof newsDraftSchema>;

/** What the response cache keeps of an answer. */
const cachedSchema = z.object({
  value: newsDraftSchema,
  model: z.string(),
  simulated: z.boolean(),
  fallback: z.boolean(),
  adapter: z.string().nullable(),
  adapterFallback: z.boolean(),
});

export interface News extends NewsDraft, AnsweredBy {
  readonly usage: Usage;
  readonly cache: CacheResult;
  readonly explain: {
    readonly prompt_version: string;
    readonly prompt_tokens: number;
    readonly stages_ms: { readonly generate: number };
  };
}

/** Summarises articles, straight from the model: the prompt holds nothing of any user, so that all users may share answers. */
export class NewsEditor {
  readonly #options: NewsEditorOptions;

  constructor(options: NewsEditorOptions) {
    this.#options = options;
  }

  /** @throws AppError as `TaskModel.complete` */
  async summarise(article: NewsRequest, call: GenerationCall): Promise<News> {
    const { adapters, cache, prompts, promptBudgetTokens } = this.#options;
    const prompt = shortenable((tokens) => prompts.news(article, "json", tokens), promptBudgetTokens);
    const choice = this.#choice(article);
    const started = performance.now();
    let usage = NO_USAGE;
    const key = {
      route: TASKS.news.path,
      model: await this.#model.model.name(call.signal),
      adapter: choice.name,
      promptVersion: prompts.version,
      temperature: prompt.temperature,
      params: { max_tokens: prompt.maxTokens, language: article.language, due: choice.fallbackReason ?? null },
      prompt: prompt.messages,
      user: null,
    };
    const make = async () => {
      const mode = structured({ name: "news", schema: newsDraftSchema });
      const made = await generate({ model: this.#model, prompt, mode, call, adapters, choice });
      const { usage: used, cut: _cut, ...cacheable } = made;
      usage = used;
      return cacheable;
    };
    // The key names this model and this adapter; what others answered in their place is not theirs to repeat.
    const theirs = ({ fallback, adapter }: z.output<typeof cachedSchema>) => !fallback && adapter === choice.name;
    const { answer, result } = await cache.through(key, cachedSchema, make, theirs);
    const { value, ...answerer } = answer;
    return {
      ...value,
      // Models count sentences badly; the limit is a promise to the client.
      summary: firstSentences(value.summary, article.maxSentences),
      ...answerer,
      usage,
      cache: result,
      explain: {
        prompt_version: prompts.version,
        prompt_tokens: prompt.messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
        stages_ms: { generate: Math.round(performance.now() - started) },
      },
    };
  }

  /** The summary's text as a stream of which the first step is here. @throws AppError as `TaskModel.stream` */
  open(article: NewsRequest, call: GenerationCall): Promise<CompletionStream> {
    const { adapters, prompts, promptBudgetTokens } = this.#options;
    const prompt = shortenable((tokens) => prompts.news(article, "markdown", tokens), promptBudgetTokens);
    return generate({ model: this.#model, prompt, mode: streamed, call, adapters, choice: this.#choice(article) });
  }

  /** The article's own first sentences, for a degraded instance. */
  simple({ text, maxSentences }: NewsRequest): News {
    const beginning = text.slice(0, TEXT_CHARS);
    return {
      summary: firstSentences(beginning, maxSentences),
      bullets: splitSentences(beginning, maxSentences),
      keywords: [],
      ...NO_MODEL,
      usage: NO_USAGE,
      cache: "bypass",
      explain: { prompt_version: this.#options.prompts.version, prompt_tokens: 0, stages_ms: { generate: 0 } },
    };
  }

  get #model() {
    return this.#options.models.forTask("news");
  }

  #choice({ adapter: name }: NewsRequest) {
    return this.#options.adapters.resolve({ user: "", domain: "news", task: "news", name });
  }
}
