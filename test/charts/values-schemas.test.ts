import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { valuesSchema } from "../../constructs/gke/llm-serving/values";
import { observabilitySchema } from "../../constructs/gke/observability/values";

const CHARTS = join(__dirname, "../../charts");

describe("values.schema.json", () => {
  it.each([
    ["llm-serving", valuesSchema],
    ["observability", observabilitySchema],
  ])("of %s is what the type of its values gives (npm run chart:schemas writes it)", (chart, schema) => {
    expect(readFileSync(join(CHARTS, chart, "values.schema.json"), "utf8")).toBe(schema());
  });
});
