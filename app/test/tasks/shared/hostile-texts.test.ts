import { describe, expect, it } from "@jest/globals";
import { encodingProblem } from "../../../src/http/body-encoding";
import { preferredLanguage } from "../../../src/shared/errors/language";
import { hashedNgrams } from "../../../src/shared/hashed-ngrams";
import { maskUrl } from "../../../src/shared/redaction/log-masking";
import { firstSentences } from "../../../src/shared/sentences";
import { estimateTokens } from "../../../src/shared/tokens/estimate";
import { extractJson } from "../../../src/tasks/shared/extract-json";
import { tagged } from "../../../src/tasks/shared/prompts/prompt";
import { hunksOf, splitFiles } from "../../../src/tasks/til/changes/hunks";
import { readTilMarkdown } from "../../../src/tasks/til/til-draft";

/** What reads texts of clients and models, with the most characters that reach it. */
const READERS: Readonly<Record<string, readonly [number, (text: string) => unknown]>> = {
  firstSentences: [200_000, (text) => firstSentences(text, 3)],
  estimateTokens: [200_000, estimateTokens],
  // Of texts that are compared: notes, queries and questions.
  hashedNgrams: [4_000, hashedNgrams],
  extractJson: [200_000, attempt(extractJson)],
  tagged: [200_000, (text) => tagged("article", {}, text)],
  hunksOf: [200_000, (text) => [...hunksOf(text)]],
  splitFiles: [200_000, (text) => [...splitFiles(text, "a.ts")]],
  readTilMarkdown: [200_000, (text) => readTilMarkdown(text, "a")],
  // Of headers, which Node reads up to 16 KiB.
  preferredLanguage: [16_000, preferredLanguage],
  maskUrl: [16_000, maskUrl],
  encodingProblem: [16_000, (text) => encodingProblem({ "content-type": text })],
};

/** Texts on which an expression that goes back over what it has read takes time by the square, or worse. */
const UNITS = [
  " ",
  "\n",
  "\t\n",
  "a",
  "a ",
  ". ",
  "a. ",
  "!?",
  "。",
  "가",
  "{",
  "[",
  '{"a":',
  '"',
  "\\",
  "```",
  "```json\n",
  "# ",
  "#",
  "**",
  "핵심어: ",
  "Keywords:",
  "- ",
  "@@ -1 +1 @@\n",
  "diff --git a/a b/a\n",
  "+++ b/",
  "<",
  "</article>",
  "&",
  "%",
  "%25",
  "; charset",
  "; ",
  ";q=",
  ",ko;q=0.1",
  "=",
  "?a=",
  "/",
  "ghp_",
  "-----BEGIN ",
  "1234-",
  "a@",
  "a.b",
  "\ud800",
  "\u0000",
  "\u3000",
] as const;

function attempt(read: (text: string) => unknown) {
  return (text: string) => {
    try {
      read(text);
    } catch {
      // Refused: what counts is how long it took.
    }
  };
}

describe("hostile texts", () => {
  it.each(Object.entries(READERS))("are read in time by their length: %s", (_name, [chars, read]) => {
    for (const unit of UNITS) {
      for (const end of ["", "x", "\n"]) {
        const text = unit.repeat(Math.ceil(chars / unit.length)) + end;
        // CPU time: a busy machine must not look like a slow expression.
        const before = process.cpuUsage();
        read(text);
        const milliseconds = process.cpuUsage(before).user / 1_000;
        expect({ unit, end, slow: milliseconds > 500 ? milliseconds : 0 }).toEqual({ unit, end, slow: 0 });
      }
    }
  });
});
