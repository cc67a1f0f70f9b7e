import { describe, expect, it } from "@jest/globals";
import { projectFiles, readProjectFile } from "./files";

const PAGE = "docs/requirements.md";

const text = readProjectFile(PAGE);
const numbers = [...text.matchAll(/^- \*\*R-(\d+)\*\* /gm)].map(([, digits]) => Number(digits));
const sources = projectFiles().filter(
  (path) => /\.(?:[cm]?[jt]sx?|md|ya?ml|sh|tpl|json)$/.test(path) && !path.startsWith("test/docs/"),
);

function cited(text: string): readonly number[] {
  return [...text.matchAll(/\bR-(\d+)\b/g)].map(([, digits]) => Number(digits));
}

/** A source by a name that only its author can look up. */
const UNNUMBERED = /\b(?:first|second|third|fourth|fifth) document\b|\bthe documents'|\bspecification,? \(?§|\bspec §/i;

describe(PAGE, () => {
  it("numbers its requirements from 1 without a gap or a twin", () => {
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(100);
  });

  it("says each requirement in two lines of 160 characters at most", () => {
    const long = text.split("\n").filter((line) => line.startsWith("- ") && line.length > 320);
    expect(long).toEqual([]);
  });

  it("has every number that is cited anywhere", () => {
    const unknown = [PAGE, ...sources]
      .flatMap((path) => cited(readProjectFile(path)).map((number) => ({ path, number })))
      .filter(({ number }) => !numbers.includes(number));
    expect(unknown).toEqual([]);
  });

  it("is cited by number, never as a document or a specification", () => {
    expect(sources.filter((path) => UNNUMBERED.test(readProjectFile(path)))).toEqual([]);
  });

  it.each(["as the third document asks", "the documents' 30 requests", "Source: infrastructure specification, §7."])(
    "%s is not a number",
    (comment) => {
      expect(UNNUMBERED.test(comment)).toBe(true);
    },
  );
});
