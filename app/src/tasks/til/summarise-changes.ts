import { z } from "zod";
import { NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { GenerationCall, TaskModel } from "../../engines/client/task-model";
import { AppError } from "../../shared/errors/app-error";
import { estimateTokens } from "../../shared/tokens/estimate";
import type { ResponseCache } from "../../stores/response-cache";
import { mapBounded } from "../shared/bounded";
import { generate } from "../shared/generate";
import { type ContentLanguage, shortenable } from "../shared/prompts/prompt";
import { structured } from "../shared/structured";
import { addUsage } from "../shared/usage";
import type { WeighedFile, WeighedRepository } from "./changes/weigh-changes";
import type { TilPrompts } from "./prompts/til-prompts";

/** Summaries of one request that are made side by side: a third of an L4's 30 places, so that others get theirs. */
const SIDE_BY_SIDE = 10;
/**
 * Estimated tokens of one summary's prompt, some 100 changed lines, and files of one request that are summarised, the
 * largest first. An L4 reads prompts one after another, some 2,400 tokens a second: so the prompts of all summaries
 * together take it 15 s. What is beyond is cut by hunk.
 */
const SUMMARY_PROMPT_TOKENS = 1_500;
const MOST_FILES = 24;
/** A change of no more tokens than a summary of it may have is its own summary. */
const SMALL_CHANGE_TOKENS = 256;

const summarySchema = z.object({
  change_purpose: z.string().min(1),
  code_changes: z.array(z.string().min(1)).max(8),
});

/** The cached form of a summary. */
const cachedSchema = z.object({ value: summarySchema });

export interface SummariseOptions {
  readonly model: TaskModel;
  readonly prompts: TilPrompts;
  readonly cache: ResponseCache;
  /** Estimated tokens that a prompt may take at most. */
  readonly budgetTokens: number;
  /** Called with what made a summary useless. */
  readonly onSummaryError: (cause: unknown) => void;
}

export interface SummarisedChanges {
  /** The repositories with summaries in their patches' place. */
  readonly repositories: readonly WeighedRepository[];
  /** Files that were summarised. */
  readonly files: number;
  /** Of all calls that were made now. */
  readonly usage: Usage;
  readonly warnings: readonly "SUMMARY_FAILED"[];
}

/** Estimated tokens of all changes as a prompt would show them, were there room for everything. */
export function changeTokens(repositories: readonly WeighedRepository[]): number {
  return repositories.flatMap(({ files }) => files).reduce((sum, { tokens }) => sum + Math.ceil(tokens), 0);
}

/**
 * The map step of a change set that does not fit into one prompt: each file's change is summarised on its own, a few at a
 * time. Small changes stay as they are. Summaries are cached for the user, so that the second TIL of a day only pays
 * for what is new. An answer that cannot be used leaves the file's change in place, to be cut by hunk; anything else
 * that fails, fails the request.
 * @throws AppError as `TaskModel.complete`
 */
export async function summariseChanges(
  repositories: readonly WeighedRepository[],
  request: { readonly user: string; readonly language: ContentLanguage },
  call: GenerationCall,
  options: SummariseOptions,
): Promise<SummarisedChanges> {
  const large = repositories
    .flatMap(({ files }) => files)
    .filter(({ tokens }) => tokens > SMALL_CHANGE_TOKENS)
    .sort((left, right) => right.tokens - left.tokens)
    .slice(0, MOST_FILES);
  const done = new Map<WeighedFile, WeighedFile>();
  let usage = NO_USAGE;
  let failed = false;
  const givenUp = new AbortController();
  const mapCall = { ...call, signal: AbortSignal.any([call.signal, givenUp.signal]) };
  await mapBounded(large, SIDE_BY_SIDE, async (file) => {
    try {
      const summary = await summarise(file, request, mapCall, options);
      usage = addUsage(usage, summary.usage);
      done.set(file, withSummary(file, summary.value));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "ENGINE_BAD_REPLY") throw thrown;
      options.onSummaryError(thrown);
      failed = true;
    }
  }).catch((thrown: unknown) => {
    // The summaries that are still being written will not be read.
    givenUp.abort();
    throw thrown;
  });
  return {
    repositories: repositories.map((repository) => ({
      ...repository,
      files: repository.files.map((file) => done.get(file) ?? file),
    })),
    files: done.size,
    usage,
    warnings: failed ? ["SUMMARY_FAILED"] : [],
  };
}

async function summarise(
  file: WeighedFile,
  { user, language }: { readonly user: string; readonly language: ContentLanguage },
  call: GenerationCall,
  { model, prompts, cache, budgetTokens }: SummariseOptions,
): Promise<{ readonly value: z.output<typeof summarySchema>; readonly usage: Usage }> {
  if (prompts.patchSummary === undefined) throw new Error(`prompts ${prompts.version} summarise no changes`);
  const { patchSummary } = prompts;
  const budget = Math.min(budgetTokens, SUMMARY_PROMPT_TOKENS);
  const prompt = shortenable((tokens) => patchSummary({ file, language }, tokens), budget);
  const key = {
    route: "til:summary",
    model: await model.model.name(call.signal),
    adapter: null,
    promptVersion: prompts.version,
    temperature: prompt.temperature,
    params: { max_tokens: prompt.maxTokens, language },
    prompt: prompt.messages,
    user,
  };
  let usage = NO_USAGE;
  const { answer } = await cache.through(key, cachedSchema, async () => {
    const mode = structured({ name: "patch_summary", schema: summarySchema });
    const made = await generate({ model, prompt, mode, call });
    usage = made.usage;
    return { value: made.value };
  });
  return { value: answer.value, usage };
}

/** The file with its summary where its hunks were; the commits' own words stay. */
function withSummary(file: WeighedFile, { change_purpose, code_changes }: z.output<typeof summarySchema>): WeighedFile {
  const summary = [change_purpose, ...code_changes.map((change) => `- ${change}`)].join("\n");
  const messages = new Map(file.pieces.flatMap((piece) => (piece.isHunk ? [] : [[piece.text, piece] as const])));
  const [first, ...rest] = messages.values();
  const hunk = { text: summary, isHunk: true, tokens: estimateTokens(summary) };
  const pieces = [...(first === undefined ? [] : [first]), hunk, ...rest];
  return { ...file, pieces, hunks: 1, tokens: pieces.reduce((sum, { tokens }) => sum + tokens, 0) };
}
