import { splitSentences } from "../../src/shared/sentences";
import type { Turn } from "./tokenizer";

/** What the simulator makes answers of: a prompt taken apart. */
export interface Material {
  readonly language: "ko" | "en";
  /** Heading of the material, where it has one. */
  readonly title: string | undefined;
  /** Sentences of running text. */
  readonly sentences: readonly string[];
  readonly files: readonly FileChange[];
  /** Everything that words are counted in. */
  readonly text: string;
  /** Most sentences of a summary, where the instructions name a number. */
  readonly sentenceLimit: number | undefined;
  /** The question of a chat's last turn; the sentences are then those of everything before it. */
  readonly question?: string | undefined;
  /** Name of the LoRA adapter that answers. */
  readonly adapter?: string | undefined;
}

export interface FileChange {
  readonly path: string;
  readonly messages: readonly string[];
  readonly addedLines: number;
  readonly removedLines: number;
  /** Names that the added lines declare. */
  readonly declared: readonly string[];
}

const DECLARATION =
  /\b(?:function|class|interface|type|const|let|def|func|fn|struct|enum|trait|resource|CREATE (?:TABLE|INDEX))\s+(?:\([^)]*\)\s*)?"?([A-Za-z_][\w.]{2,})/gi;

/** Tags round the material itself. What is in other tags, such as what retrieval found, is context. */
const MATERIAL = /<(article|til|text|summary)(?: [^>]*?title="([^"]*)"| [^>]*)?>\n([\s\S]*?)\n<\/\1>/;
const OTHER_SECTION = /<([a-z_]+)(?: [^>]*)?>\n[\s\S]*?\n<\/\1>/g;

/**
 * Takes a prompt apart. The instructions' language is the answer's; the material is between tags, or is all there is.
 */
export function readMaterial(system: string, user: string): Material {
  const files = [...user.matchAll(/<file path="([^"]*)">\n([\s\S]*?)\n<\/file>/g)].map((match) =>
    readFile(match[1] ?? "", match[2] ?? ""),
  );
  const marked = files.length > 0 ? null : MATERIAL.exec(user);
  const prose = files.length > 0 ? "" : (marked?.[3] ?? (user.replace(OTHER_SECTION, "").trim() || notesOf(user)));
  const messages = files.flatMap((file) => file.messages);
  const limit = /(\d+) ?(?:문장|sentences)/.exec(system)?.[1];
  return {
    language: /[가-힣]/.test(system === "" ? user : system) ? "ko" : "en",
    title: titleOf(marked?.[2] ?? /^#+ (.+)$/m.exec(prose)?.[1]?.trim()),
    sentences: prose === "" ? messages : sentencesOf(prose),
    files,
    text:
      files.length > 0 ? [...messages, ...files.flatMap((file) => [file.path, ...file.declared])].join("\n") : prose,
    sentenceLimit: limit === undefined ? undefined : Number(limit),
  };
}

function titleOf(heading: string | undefined): string | undefined {
  return heading === undefined ? undefined : shortened(heading, MESSAGE_CHARS);
}

/** Where there is nothing else, what retrieval found is the material. */
function notesOf(user: string): string {
  const notes = [...user.matchAll(/<note(?: [^>]*)?>\n([\s\S]*?)\n<\/note>/g)].map((match) => match[1] ?? "");
  return notes.join("\n") || user;
}

/**
 * Takes a conversation apart. Where a form is requested, the first user turn holds the material: a later one only
 * requests for the same again. Otherwise several user turns, or a question beside a text, are a chat, answered from
 * what went before.
 */
export function readConversation(turns: readonly Turn[], hasForm: boolean): Material {
  const of = (role: string) => turns.filter((turn) => turn.role === role).map((turn) => turn.content);
  const users = of("user");
  const system = of("system").join("\n");
  const last = users.at(-1) ?? "";
  const isTask = MATERIAL.test(last) || last.includes("<file path=");
  if (hasForm || isTask) return readMaterial(system, users[0] ?? "");
  const own = last.replace(OTHER_SECTION, "").trim();
  if (users.length < 2 && !isQuestion(own)) return readMaterial(system, last);
  const before = turns
    .slice(
      0,
      turns.findLastIndex((turn) => turn.role === "user"),
    )
    .map((turn) => turn.content);
  const text = [...before, last.replace(own, "")].join("\n").replace(/^<\/?[a-z_]+(?: [^>]*)?>$/gm, "");
  return {
    language: /[가-힣]/.test(own) ? "ko" : "en",
    title: undefined,
    sentences: sentencesOf(text).filter((sentence) => sentence !== own),
    files: [],
    text,
    sentenceLimit: undefined,
    question: own,
  };
}

/** Characters of the longest turn that is taken for a question alone. */
const QUESTION_LENGTH = 300;

function isQuestion(text: string): boolean {
  return text.length <= QUESTION_LENGTH && /[?？]\s*$/.test(text);
}

/** Characters of a sentence that are kept: a text without full stops is a single one. */
const SENTENCE_CHARS = 300;

function sentencesOf(markdown: string): string[] {
  return splitSentences(plain(markdown)).map((sentence) => shortened(sentence, SENTENCE_CHARS));
}

/** Text without Markdown's marks, which read badly inside a sentence. */
function plain(markdown: string): string {
  return markdown
    .replace(/```[\s\S]*?```/g, " ")
    .replace(/^#+ .*$/gm, "")
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/gm, "")
    .replace(/[*_`]{1,2}/g, "");
}

/** Characters of a commit's message that are kept: by custom a subject has 72. */
const MESSAGE_CHARS = 100;

/** A text's beginning where it is longer. */
export function shortened(text: string, mostChars: number): string {
  return text.length <= mostChars ? text : `${text.slice(0, mostChars - 1).trimEnd()}…`;
}

function readFile(path: string, text: string): FileChange {
  const lines = text.split("\n");
  // A summary in a diff's place is a list, whose lines begin with "-" too.
  const changed = lines.some((line) => line.startsWith("@@")) ? lines : [];
  const added = changed.filter((line) => line.startsWith("+") && !line.startsWith("+++"));
  const removed = changed.filter((line) => line.startsWith("-") && !line.startsWith("---"));
  const messages = lines
    .filter((line) => line.startsWith("message: "))
    .map((line) => shortened(line.slice(9).trim(), MESSAGE_CHARS));
  const code = added.length > 0 ? added.join("\n") : text;
  const declared = [...code.matchAll(DECLARATION)].map((match) => match[1] ?? "");
  return {
    path,
    messages: [...new Set(messages)].filter((message) => message !== ""),
    addedLines: added.length,
    removedLines: removed.length,
    declared: [...new Set(declared)].filter((name) => name !== "").slice(0, 5),
  };
}
