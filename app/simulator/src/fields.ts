import * as compose from "./compose";
import { keywords } from "./extract";
import type { Material } from "./material";

/** Sentences of a summary whose instructions name no number. */
const USUAL_SENTENCES = 3;

/** What belongs into a property of this name, item `index` of a list. */
export function fieldText(name: string, material: Material, index: number): string {
  return signed(unsigned(name, material, index), material);
}

function unsigned(name: string, material: Material, index: number): string {
  switch (name) {
    case "title":
      return compose.title(material);
    case "content":
      return compose.tilContent(material);
    case "summary":
    case "overall_summary":
      return compose.summarySentences(material, material.sentenceLimit ?? USUAL_SENTENCES);
    case "question":
      return compose.question(material, index);
    case "answer":
      return compose.answer(material, index);
    case "filepath":
    case "path":
      return material.files[index]?.path ?? material.files[0]?.path ?? compose.title(material);
    case "change_purpose":
    case "purpose":
      return compose.purpose(material);
    case "code_changes":
    case "changes":
      return compose.changeSentences(material);
    case "key":
      return keywords(material, index + 1)[index] ?? `key ${index + 1}`;
    default:
      return compose.bullets(material, index + 1).at(-1) ?? compose.title(material);
  }
}

/** What belongs into a list of texts under this name, at most `count`. */
export function fieldList(name: string, material: Material, count: number): string[] {
  if (/^(?:keywords?|tags?|topics?)$/.test(name)) {
    const own = material.adapter === undefined ? [] : [material.adapter];
    return [...own, ...keywords(material, count)].slice(0, count);
  }
  return compose.bullets(material, count).slice(0, count);
}

/** An answer in plain Markdown, for a request without a schema. */
export function plainAnswer(material: Material): string {
  if (material.question !== undefined) return signed(compose.reply(material, material.question), material);
  if (material.files.length === 0) {
    return signed(compose.summarySentences(material, material.sentenceLimit ?? USUAL_SENTENCES), material);
  }
  const words = fieldList("keywords", material, 10).join(", ");
  const label = material.language === "ko" ? "핵심어" : "Keywords";
  return `# ${signed(compose.title(material), material)}\n\n${compose.tilContent(material)}\n\n${label}: ${words}`;
}

/** The text as the adapter writes it: its name before it, so that it can be seen who answered. */
function signed(text: string, { adapter }: Material): string {
  return adapter === undefined ? text : `[${adapter}] ${text}`;
}
