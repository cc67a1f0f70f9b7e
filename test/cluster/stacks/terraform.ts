import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed } from "../../../testing/installed";
import { offlineConfiguration } from "../../../tools/plan/offline";
import type { JsonObject } from "../../support/json";

/** Versions that the stacks pin. */
const PROVIDERS = {
  kubernetes: { source: "kubernetes", version: "2.38.0" },
  helm: { source: "helm", version: "3.1.1" },
};

/** Why stacks cannot be applied to a cluster on this machine; empty where they can. */
export function cannotApply(): string {
  if (!installed("terraform")) return "no terraform on PATH";
  const folder = mkdtempSync(join(tmpdir(), "providers-"));
  try {
    writeConfiguration(folder, { terraform: { required_providers: PROVIDERS } });
    const { status } = spawnSync("terraform", ["init", "-input=false"], { cwd: folder, env: environment(folder) });
    return status === 0 ? "" : "Terraform finds no helm and kubernetes provider on this machine";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeConfiguration(folder: string, configuration: JsonObject): void {
  mkdirSync(folder, { recursive: true });
  // On lines of their own: Terraform's errors show the line.
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(configuration, undefined, 1));
}

/** Terraform at work. */
export interface RunningTerraform {
  readonly ended: Promise<{ readonly ok: boolean; readonly output: string }>;
  /** Ends it and its providers at once, as the loss of a machine does. */
  readonly kill: () => void;
}

/** Starts Terraform in a folder, with a state beside the configuration. */
export function startTerraform(folder: string, args: readonly string[]): RunningTerraform {
  // A process group of its own, which its providers are in.
  const child = spawn("terraform", [...args, "-no-color"], { cwd: folder, env: environment(folder), detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return {
    kill,
    ended: ended.then((code) => ({ ok: code === 0, output })).finally(() => process.off("exit", kill)),
  };
}

/** Runs Terraform to its end. @throws Error with what it says where it fails */
export async function terraform(folder: string, args: readonly string[]): Promise<string> {
  const { ok, output } = await startTerraform(folder, args).ended;
  if (!ok) throw new Error(`terraform ${args.join(" ")}:\n${output}`);
  return output;
}

function environment(folder: string): NodeJS.ProcessEnv {
  const variables = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  const configuration = offlineConfiguration(process.env);
  if (configuration === undefined) return variables;
  const file = join(folder, "terraform.rc");
  writeFileSync(file, configuration);
  return { ...variables, TF_CLI_CONFIG_FILE: file };
}
