/** `npm run rules`: writes Prometheus' rules and their promtool tests to out/observability. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { ruleTestFiles } from "../../observability/prometheus/rule-tests";

const OUTPUT = join(__dirname, "../../out/observability");
/** Where a reader of the written files finds the pages: beside them, in this checkout. */
const RUNBOOKS = "docs/runbooks";

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    console.log(`${join(folder, name)}: ${content.length} bytes`);
  }
}

writeAll(join(OUTPUT, "rules"), ruleFiles(RUNBOOKS));
writeAll(join(OUTPUT, "tests"), ruleTestFiles(RUNBOOKS));
console.log("Try them: promtool test rules out/observability/tests/*.yaml");
