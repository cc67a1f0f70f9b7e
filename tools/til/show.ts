import { isRecord, readEvents, readRemarks, type TilAnswer } from "./ask";
import { UserError } from "./git";

const WORDS = {
  ko: { keywords: "핵심어", sources: "참고한 TIL" },
  en: { keywords: "Keywords", sources: "Earlier notes" },
} as const;

/** The answer as one Markdown document. */
export function markdown(answer: TilAnswer, language: "ko" | "en"): string {
  const { title, content, keywords, sources } = answer;
  const words = WORDS[language];
  const parts = [`# ${title}`, content.trim()];
  if (keywords.length > 0) parts.push(`${words.keywords}: ${keywords.join(", ")}`);
  if (sources.length > 0) {
    parts.push([`${words.sources}:`, ...sources.map((source) => `- ${source.title} (${source.date})`)].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
}

/** Metadata of an answer. */
export type Remarkable = Pick<TilAnswer, "model" | "simulated" | "skipped" | "warnings">;

/** Remarks about the document, a line each. */
export function remarks(answer: Remarkable): string[] {
  const lines = [`model: ${answer.model ?? "none"}${answer.simulated ? " (simulated)" : ""}`];
  if (answer.skipped.length > 0) {
    lines.push(`skipped: ${answer.skipped.map((file) => `${file.path} (${file.reason})`).join(", ")}`);
  }
  if (answer.warnings.length > 0) lines.push(`warnings: ${answer.warnings.join(", ")}`);
  return lines;
}

/**
 * Writes a streamed answer's text as it comes.
 * @returns the metadata of its events; the last event with warnings has all of them
 * @throws UserError where the stream ends with an error
 */
export async function showStream(response: Response, write: (text: string) => void): Promise<Remarkable> {
  let said: Record<string, unknown> = {};
  for await (const { name, data } of readEvents(response)) {
    if (!isRecord(data)) continue;
    if (name === "error") throw new UserError(`the answer broke off: ${String(data.code)}: ${String(data.detail)}`);
    if (name !== undefined) said = { ...said, ...data };
    const choice: unknown = Array.isArray(data.choices) ? data.choices[0] : undefined;
    const delta: unknown = isRecord(choice) ? choice.delta : undefined;
    if (isRecord(delta) && typeof delta.content === "string") write(delta.content);
  }
  write("\n");
  return readRemarks(said);
}
