/**
 * `npx ts-node tools/chart-files.ts`: writes what `charts/llm-serving` has from elsewhere, because a chart can read its
 * own folder only: the schema of its values, from their type, and the scripts that bring weights, from the VMs'.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valuesSchema } from "../constructs/gke/llm-serving/values";

const ROOT = join(__dirname, "..");
export const CHART = join(ROOT, "charts", "llm-serving");
const BOOT = join(ROOT, "constructs", "compute", "boot");

/** Scripts of the VMs that pods run too. */
const SCRIPTS = ["models.sh", "model-state.sh", "storage.sh", "adapters.sh", "metadata.sh", "retry.sh"] as const;

/** Path within the chart → content. */
export function chartFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["values.schema.json", valuesSchema()],
    ...SCRIPTS.map((script) => [`files/${script}`, readFileSync(join(BOOT, script), "utf8")] as const),
  ]);
}

if (require.main === module) {
  for (const [path, content] of chartFiles()) writeFileSync(join(CHART, path), content);
}
