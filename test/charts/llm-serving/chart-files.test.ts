import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { CHART, chartFiles } from "../../../tools/chart-files";

describe("what the chart has from elsewhere", () => {
  it.each([...chartFiles()])("%s is as its source makes it (npx ts-node tools/chart-files.ts)", (path, content) => {
    expect(readFileSync(join(CHART, path), "utf8")).toBe(content);
  });

  it("is the schema of the values and the scripts that bring weights", () => {
    expect([...chartFiles().keys()].sort()).toEqual([
      "files/adapters.sh",
      "files/metadata.sh",
      "files/model-state.sh",
      "files/models.sh",
      "files/retry.sh",
      "files/storage.sh",
      "values.schema.json",
    ]);
  });
});
