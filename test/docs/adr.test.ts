import { describe, expect, it } from "@jest/globals";
import { projectFiles, readProjectFile } from "./files";

const RECORDS = "docs/adr/";
const files = projectFiles()
  .filter((path) => path.startsWith(RECORDS))
  .map((path) => path.slice(RECORDS.length));
const numbers = files.map((file) => Number.parseInt(file, 10));

/** Numbers that a text cites: `ADR 0007`, `docs/adr/0007`. */
function cited(text: string): readonly number[] {
  return [...text.matchAll(/(?:ADRs? |adr\/)(\d{4})/g)].map(([, digits]) => Number(digits));
}

describe("decision records", () => {
  it("are numbered from 1 without a gap or a twin", () => {
    expect(numbers).toEqual(files.map((_, index) => index + 1));
  });

  it.each(files)("%s has its number in its title, and a dated status", (file) => {
    const [title = "", , status = ""] = readProjectFile(`${RECORDS}${file}`).split("\n");
    expect(file).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
    expect(title).toMatch(new RegExp(`^# ${file.slice(0, 4)} \\S`));
    expect(status).toMatch(/^Status: (?:accepted|superseded), \d{4}-\d{2}-\d{2}\./);
  });

  it("exist wherever they are cited", () => {
    const unknown = projectFiles()
      .filter((path) => /\.(?:ts|md|ya?ml|cjs|mjs|sh)$/.test(path) && path !== "test/docs/adr.test.ts")
      .flatMap((path) => cited(readProjectFile(path)).map((number) => ({ path, number })))
      .filter(({ number }) => !numbers.includes(number));
    expect(unknown).toEqual([]);
  });

  it("are found in prose and in paths", () => {
    expect(cited("see ADR 0002 and docs/adr/0009, or [x](../adr/0013-configuration-in-metadata.md)")).toEqual([
      2, 9, 13,
    ]);
  });
});
