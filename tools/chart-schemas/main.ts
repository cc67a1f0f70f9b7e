/** `npm run chart:schemas`: writes the schema of each chart's values from its type. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { valuesSchema } from "../../constructs/gke/llm-serving/values";
import { observabilitySchema } from "../../constructs/gke/observability/values";

const CHARTS = join(__dirname, "../../charts");

writeFileSync(join(CHARTS, "llm-serving/values.schema.json"), valuesSchema());
writeFileSync(join(CHARTS, "observability/values.schema.json"), observabilitySchema());
console.log("wrote charts/*/values.schema.json");
