import { NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { GenerationCall } from "../../engines/client/task-model";
import { redact } from "../../shared/redaction/redactor";
import { inTurns } from "../../shared/turns";
import type { ContentLanguage } from "../shared/prompts/prompt";
import type { RepositoryChange } from "./changes/changed-file";
import { redactChanges } from "./changes/redact-changes";
import type { SkipReason } from "./changes/skip-rules";
import { weighChanges } from "./changes/weigh-changes";
import type { TilDomain, TilMaterial } from "./prompts/til-prompts";
import { changeTokens, type SummariseOptions, summariseChanges } from "./summarise-changes";

/** What a TIL is to be written from, as the client sent it. */
export interface TilRequest {
  readonly user: string;
  /** ISO date of the day. */
  readonly date: string;
  readonly domain: TilDomain;
  readonly language: ContentLanguage;
  /** Of domain `commit`; empty in the others. */
  readonly repositories: readonly RepositoryChange[];
  /** Of the other domains. */
  readonly text?: { readonly title?: string | undefined; readonly body: string } | undefined;
  /** Name of an adapter. @default the user's active one for the domain */
  readonly adapter?: string | undefined;
}

/** A file that was left out whole. */
export interface SkippedFile {
  readonly repo: string;
  readonly path: string;
  readonly reason: SkipReason;
}

export interface PreparedTil {
  readonly material: TilMaterial;
  readonly skipped: readonly SkippedFile[];
  /** Secrets that were hidden, by kind. */
  readonly redacted: Readonly<Record<string, number>>;
  readonly warnings: readonly ("SECRETS_REDACTED" | "SUMMARY_FAILED")[];
  readonly summarisedFiles: number;
  /** Of the summaries. */
  readonly usage: Usage;
}

export interface PrepareOptions extends SummariseOptions {
  readonly call: GenerationCall;
  /** Estimated tokens of changes that go into the prompt as they are; more are summarised file by file. */
  readonly inlineBudgetTokens: number;
}

/**
 * Material that may be shown to a model: secrets hidden before anything else looks at it, and changes that do not fit
 * into one prompt summarised. One call costs less time than many, so whatever fits is not summarised.
 * @param options how to summarise. @default nothing is summarised
 */
export async function prepareTil(request: TilRequest, options?: PrepareOptions): Promise<PreparedTil> {
  const { user, date, domain, language } = request;
  const { repositories: changes, redacted } = await redactChanges(request.repositories);
  const repositories = await inTurns(weighChanges(changes, options?.budgetTokens ?? 0));
  const text = request.text === undefined ? undefined : await redactText(request.text);
  const counts = addCounts(redacted, text?.counts ?? {});
  const skipped = repositories.flatMap(({ name: repo, files }) =>
    files.flatMap(({ filepath: path, skipped: reason }) => (reason === undefined ? [] : [{ repo, path, reason }])),
  );
  const base = { user, date, domain, language, text: text?.text, notes: [], repositories, summarised: false };
  const warnings = Object.keys(counts).length > 0 ? (["SECRETS_REDACTED"] as const) : [];
  const inline = options === undefined || changeTokens(repositories) <= options.inlineBudgetTokens;
  if (inline || options.prompts.patchSummary === undefined) {
    return { material: base, skipped, redacted: counts, warnings, summarisedFiles: 0, usage: NO_USAGE };
  }
  const summaries = await summariseChanges(repositories, { user, language }, options.call, options);
  return {
    material: { ...base, repositories: summaries.repositories, summarised: true },
    skipped,
    redacted: counts,
    summarisedFiles: summaries.files,
    usage: summaries.usage,
    warnings: [...warnings, ...summaries.warnings],
  };
}

async function redactText({ title, body }: NonNullable<TilRequest["text"]>) {
  const { texts, counts } = await redact(title === undefined ? [body] : [body, title]);
  return { text: { body: texts[0] ?? "", title: texts[1] }, counts };
}

function addCounts(left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>) {
  const sum: Record<string, number> = { ...left };
  for (const [kind, count] of Object.entries(right)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}
