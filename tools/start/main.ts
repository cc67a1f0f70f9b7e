/**
 * `npm start`: synthesize every environment, show what it is and costs, and run the workload on this machine.
 * `--monitor`: with Prometheus and Alertmanager beside it; `--synth-only`: without the workload.
 */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { renderTable } from "../../reporting/table";
import { loadEnvironments } from "../../settings/load";
import { SettingsError } from "../../settings/schema/problems";
import { runSynthesis, synthesizedStacks } from "../synthesis";
import { findPrograms, MonitorError } from "./monitor/monitor-programs";
import { runMonitored } from "./monitored";
import { overviewNotes, overviewRows } from "./overview";

const ROOT = join(__dirname, "../..");

/** @returns the exit code */
function showEnvironments(): number {
  console.log("Synthesizing every environment...");
  if (!runSynthesis(ROOT)) return 1;
  const environments = loadEnvironments(process.env);
  const rows = overviewRows(environments, synthesizedStacks(ROOT));
  console.log(`\n${renderTable(["stack", "resources", "a month"], rows)}\n`);
  for (const note of overviewNotes(environments)) console.log(note);
  console.log("Terraform JSON is in cdktf.out. Plan offline: npm run plan -- production\n");
  return 0;
}

function buildApp(): void {
  const build = spawnSync("npm", ["run", "--silent", "build", "--workspace", "@terrace/app"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

function runWorkload(): void {
  const app = spawn(process.execPath, [join(ROOT, "app/bin/terrace-app.cjs")], { cwd: ROOT, stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group; the app drains, and this process waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => app.kill("SIGTERM"));
  app.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));
}

async function main(flags: readonly string[]): Promise<void> {
  // Missing programs are reported before anything takes time.
  const programs = flags.includes("--monitor") ? findPrograms() : undefined;
  const code = showEnvironments();
  if (code !== 0) process.exit(code);
  if (flags.includes("--synth-only")) return;
  buildApp();
  if (programs === undefined) return runWorkload();
  process.exit(await runMonitored(ROOT, programs));
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  if (!(thrown instanceof SettingsError || thrown instanceof MonitorError)) throw thrown;
  console.error(thrown.message);
  process.exit(1);
});
