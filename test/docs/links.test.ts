import { describe, expect, it } from "@jest/globals";
import { deadLinks } from "./dead-links";
import { projectFiles, readProjectFile } from "./files";

const pages = projectFiles().filter((path) => path.endsWith(".md"));

describe("links between Markdown pages", () => {
  it.each(pages)("%s links to files and headings that exist", (page) => {
    expect(deadLinks(page, readProjectFile(page))).toEqual([]);
  });

  it("counts a missing file and a missing heading as dead", () => {
    const planted = "[a](no-such-page.md) [b](edge.md#no-such-heading) [c](edge.md#not-reachable) ![d](../../../x.svg)";
    expect(deadLinks("docs/runbooks/planted.md", planted)).toEqual([
      "no-such-page.md",
      "edge.md#no-such-heading",
      "../../../x.svg",
    ]);
  });

  it("numbers headings of the same name, and reads no link in a code block", () => {
    const page = "# Fix\n## Fix\n[first](#fix) [second](#fix-1) [third](#fix-2)\n```md\n[x](none.md)\n```\n";
    expect(deadLinks("docs/planted.md", page)).toEqual(["#fix-2"]);
  });
});
