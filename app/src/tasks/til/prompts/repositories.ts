import { estimateTokens } from "../../../shared/tokens/estimate";
import { tagged } from "../../shared/prompts/prompt";
import { fitChanges } from "../changes/fit-changes";
import type { WeighedRepository } from "../changes/weigh-changes";

/** Paths that are named of the files that are left out whole. */
const NAMED_SKIPPED = 5;

interface Section {
  readonly text: string;
  readonly cut: boolean;
}

/** Every repository's changes in at most `budgetTokens` in all, each repository with an even share of what is left. */
export function repositorySections(repositories: readonly WeighedRepository[], budgetTokens: number): Section {
  // The part that is there even with no diff at all; the rest is shared out.
  const bare = repositories.map((repository) => estimateTokens(`${section(repository, 0).text}\n`));
  let left = budgetTokens - bare.reduce((sum, tokens) => sum + tokens, 0);
  const sections = repositories.map((repository, index) => {
    const share = Math.max(0, Math.floor(left / (repositories.length - index)));
    const fitted = section(repository, share);
    left -= Math.max(0, estimateTokens(fitted.text) - (bare[index] ?? 0));
    return fitted;
  });
  return { text: sections.map(({ text }) => text).join("\n"), cut: sections.some(({ cut }) => cut) };
}

function section(repository: WeighedRepository, budgetTokens: number): Section {
  const fileTokens = (filepath: string) => estimateTokens(fileSection(filepath, "", 1_000));
  const { files, skipped, ...fitted } = fitChanges(repository.files, budgetTokens, fileTokens);
  const omittedFiles = fitted.omittedFiles + (repository.unreadFiles ?? 0);
  const branch = repository.branch === undefined ? "" : ` (${repository.branch})`;
  const lines = [`repository: ${oneLine(repository.name + branch)}`];
  lines.push(...files.map((file) => fileSection(file.filepath, file.text, file.omittedHunks)));
  if (skipped.length > 0) {
    const more = skipped.length > NAMED_SKIPPED ? ` and ${skipped.length - NAMED_SKIPPED} more` : "";
    const named = skipped.slice(0, NAMED_SKIPPED).map(({ path }) => oneLine(path));
    lines.push(`also changed: ${named.join(", ")}${more}`);
  }
  if (omittedFiles > 0) lines.push(`(${omittedFiles} more files left out)`);
  return { text: lines.join("\n"), cut: omittedFiles > 0 || files.some((file) => file.omittedHunks > 0) };
}

/** One file's change as data. */
export function fileSection(filepath: string, text: string, omittedHunks: number): string {
  const note = omittedHunks > 0 ? `\n(${omittedHunks} more hunks left out)` : "";
  return tagged("file", { path: filepath }, text + note);
}

/** A name outside any tag must not bring lines or tags of its own. */
function oneLine(text: string): string {
  return text.replace(/[<>\s]+/g, " ").slice(0, 200);
}
