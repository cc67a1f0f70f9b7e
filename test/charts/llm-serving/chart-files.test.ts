import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { CHARTS, chartFiles } from "../../../tools/chart-files";

describe("what the charts have from elsewhere", () => {
  it.each([...chartFiles()])("%s is as its source makes it (npx ts-node tools/chart-files.ts)", (path, content) => {
    expect(readFileSync(join(CHARTS, path), "utf8")).toBe(content);
  });

  it("are the schemas of the values and the scripts that bring weights", () => {
    expect([...chartFiles().keys()].sort()).toEqual([
      "llm-serving/files/adapters.sh",
      "llm-serving/files/metadata.sh",
      "llm-serving/files/model-state.sh",
      "llm-serving/files/models.sh",
      "llm-serving/files/retry.sh",
      "llm-serving/files/storage.sh",
      "llm-serving/values.schema.json",
      "observability/values.schema.json",
    ]);
  });
});
