import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { settingsReference } from "../../tools/docs-settings/reference";

describe("docs/settings.md", () => {
  it("equals what the schema generates (npm run docs:settings writes it)", () => {
    expect(readFileSync(join(__dirname, "../../docs/settings.md"), "utf8")).toBe(settingsReference());
  });

  it("explains every field", () => {
    const rows = settingsReference()
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
  });
});
