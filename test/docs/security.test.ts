import { describe, expect, it } from "@jest/globals";
import { readProjectFile } from "./files";

/** Tests that the page names, as `file`: title. */
const named = [
  ...readProjectFile("docs/security.md").matchAll(/`((?:app\/)?test\/[\w/.-]+\.test\.ts)`: ([^|\n]+?)(?: \||\)|$)/gm),
].map(([, file = "", title = ""]) => ({ file, title: title.trim() }));

describe("docs/security.md", () => {
  it("names a test for each promise of its tables", () => {
    const rows = readProjectFile("docs/security.md")
      .split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| Promise") && !line.startsWith("| ---"));
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) expect(row).toMatch(/\| `(app\/)?test\/\S+\.test\.ts`: .+ \|$/);
    expect(named.length).toBeGreaterThanOrEqual(rows.length);
  });

  it.each(named)("$file has the test: $title", ({ file, title }) => {
    expect(readProjectFile(file)).toContain(title);
  });
});
