/** `npm run dashboards`: writes Grafana's dashboards to out/observability/dashboards, for a look or an import by hand. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles } from "../../observability/dashboards/dashboard-files";

const OUTPUT = join(__dirname, "../../out/observability/dashboards");
/** Of settings/environments/production.ts: the cost dashboard needs some price. */
const PRICED = { region: "asia-northeast3", machineType: "g2-standard-8", provisioning: "standard" } as const;
/** Relative to the root of a checkout. */
const RUNBOOKS = "docs/runbooks";

mkdirSync(OUTPUT, { recursive: true });
for (const [name, content] of Object.entries(dashboardFiles({ ...PRICED, runbooksUrl: RUNBOOKS }))) {
  writeFileSync(join(OUTPUT, name), content);
  console.log(`${join(OUTPUT, name)}: ${Buffer.byteLength(content)} bytes`);
}
