/**
 * `npx ts-node tools/chart-files.ts`: writes what the charts have from elsewhere, because a chart can read its own folder
 * only: the schemas of their values, from their types, and the scripts that bring weights, from the VMs'.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valuesSchema } from "../constructs/gke/llm-serving/values";
import { observabilitySchema } from "../constructs/gke/observability/values";

const ROOT = join(__dirname, "..");
export const CHARTS = join(ROOT, "charts");
const BOOT = join(ROOT, "constructs", "compute", "boot");

/** Scripts of the VMs that pods run too. */
const SCRIPTS = ["models.sh", "model-state.sh", "storage.sh", "adapters.sh", "metadata.sh", "retry.sh"] as const;

/** Path within the charts' folder → content. */
export function chartFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["llm-serving/values.schema.json", valuesSchema()],
    ...SCRIPTS.map((script) => [`llm-serving/files/${script}`, readFileSync(join(BOOT, script), "utf8")] as const),
    ["observability/values.schema.json", observabilitySchema()],
  ]);
}

if (require.main === module) {
  for (const [path, content] of chartFiles()) writeFileSync(join(CHARTS, path), content);
}
