import { firstSentences } from "../../shared/sentences";
import type { TilMaterial } from "./prompts/til-prompts";
import type { TilDraft } from "./til-draft";

/** Lines of one section. */
const MOST_LINES = 20;
const TITLE_CHARS = 120;
/** Of a text, in which its first sentences are looked for. */
const TEXT_CHARS = 4_000;

const WORDS = {
  ko: { title: "오늘의 커밋", done: "## 오늘 한 일", text: "## 오늘 본 것" },
  en: { title: "Today's commits", done: "## What I did", text: "## What I looked at" },
} as const;

/** A TIL without a model, while the instance is degraded: the commits' own messages, file by file. */
export function simpleTil({ language, repositories, text }: TilMaterial): TilDraft {
  const words = WORDS[language];
  if (text !== undefined) {
    const beginning = text.body.slice(0, TEXT_CHARS);
    const title = text.title ?? firstSentences(beginning, 1).slice(0, TITLE_CHARS);
    return { title, content: `${words.text}\n\n${firstSentences(beginning, 5)}`, keywords: [] };
  }
  const changes = repositories.flatMap(({ name, files }) =>
    files.map(({ filepath, subjects }) => ({ name, filepath, messages: subjects })),
  );
  const lines = changes.slice(0, MOST_LINES).map(({ name, filepath, messages }) => {
    return `- \`${name}/${filepath}\`: ${messages.join("; ")}`;
  });
  const first = changes.flatMap(({ messages }) => messages)[0];
  return {
    title: (first ?? words.title).slice(0, TITLE_CHARS),
    content: [words.done, ...lines].join("\n"),
    keywords: [],
  };
}
