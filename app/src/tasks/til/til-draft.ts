import { z } from "zod";

/** Most keywords of a TIL. Source: R-48. */
export const MAX_KEYWORDS = 10;

/** The shape that the model decodes into. */
export const tilDraftSchema = z.object({
  title: z.string().min(1),
  content: z.string().min(1),
  keywords: z.array(z.string().min(1)).max(MAX_KEYWORDS),
});

export type TilDraft = z.output<typeof tilDraftSchema>;

const KEYWORD_LINE = /^\s*(?:\*\*)?(?:핵심어|키워드|Keywords?)(?:\*\*)?\s*[:：](?:\*\*)?\s*(.*)$/i;

/**
 * Title, content and keywords of a TIL that was streamed as Markdown: its first heading, the text between, and its last
 * line. A model that forgot one of them still gives a note that can be kept.
 * @param fallbackTitle for a text without a heading
 */
export function readTilMarkdown(markdown: string, fallbackTitle: string): TilDraft {
  const text = withoutFence(markdown.trim());
  const lines = text.split("\n");
  const heading = /^#\s+(.+?)\s*#*$/.exec(lines[0] ?? "")?.[1];
  if (heading !== undefined) lines.shift();
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const named = KEYWORD_LINE.exec(lines[last] ?? "")?.[1];
  if (named !== undefined) lines.splice(last);
  const keywords = (named ?? "")
    .split(/[,、·]/)
    .map((word) => word.replace(/[`*#"']/g, "").trim())
    .filter((word) => word !== "");
  return {
    title: heading ?? fallbackTitle,
    content: lines.join("\n").trim() || text,
    keywords: [...new Set(keywords)].slice(0, MAX_KEYWORDS),
  };
}

/** With `markdown` named, also one that was cut off before its end. */
const FENCED =
  /^(`{3,}|~{3,})(?:[ \t]*(?:markdown|md)[ \t]*\n([\s\S]*?)(?:\n\1[ \t]*)?|[ \t]*\n([\s\S]*?)\n\1[ \t]*)$/i;

/**
 * The Markdown in a fence around the whole of it, as models put it. A text that only begins with a block of code is left
 * alone: inside the fence there must be the TIL's heading.
 */
function withoutFence(text: string): string {
  const [, , named, plain] = FENCED.exec(text) ?? [];
  const inner = (named ?? plain)?.trim();
  return inner?.startsWith("# ") ? inner : text;
}
