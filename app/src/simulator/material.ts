import { splitSentences } from "../generation/sentences";

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

/** Takes a prompt apart. The instructions' language is the answer's; the material stands between tags, or is all there is. */
export function readMaterial(system: string, user: string): Material {
  const files = [...user.matchAll(/<file path="([^"]*)">\n([\s\S]*?)\n<\/file>/g)].map((match) =>
    readFile(match[1] ?? "", match[2] ?? ""),
  );
  const article = /<(?:article|til)(?: title="([^"]*)")?>\n([\s\S]*?)\n<\/(?:article|til)>/.exec(user);
  const prose = article?.[2] ?? (files.length > 0 ? "" : user);
  const messages = files.flatMap((file) => file.messages);
  const limit = /(\d+) ?(?:문장|sentences)/.exec(system)?.[1];
  return {
    language: /[가-힣]/.test(system === "" ? user : system) ? "ko" : "en",
    title: article?.[1] ?? /^#+ (.+)$/m.exec(prose)?.[1]?.trim(),
    sentences: prose === "" ? messages : splitSentences(plain(prose)),
    files,
    text:
      files.length > 0 ? [...messages, ...files.flatMap((file) => [file.path, ...file.declared])].join("\n") : prose,
    sentenceLimit: limit === undefined ? undefined : Number(limit),
  };
}

/** Text without Markdown's marks, which read badly inside a sentence. */
function plain(markdown: string): string {
  return markdown
    .replace(/```[\s\S]*?```/g, " ")
    .replace(/^#+ .*$/gm, "")
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/gm, "")
    .replace(/[*_`]{1,2}/g, "");
}

function readFile(path: string, text: string): FileChange {
  const lines = text.split("\n");
  const added = lines.filter((line) => line.startsWith("+") && !line.startsWith("+++"));
  const removed = lines.filter((line) => line.startsWith("-") && !line.startsWith("---"));
  const messages = lines.filter((line) => line.startsWith("message: ")).map((line) => line.slice(9).trim());
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
