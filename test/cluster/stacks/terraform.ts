import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed } from "../../../testing/installed";
import { offlineConfiguration } from "../../../tools/plan/terraform";
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
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(configuration));
}

/** Runs Terraform in a folder, with a state beside the configuration. @throws Error with what it says where it fails */
export async function terraform(folder: string, args: readonly string[]): Promise<string> {
  const child = spawn("terraform", [...args, "-no-color"], { cwd: folder, env: environment(folder) });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`terraform ${args.join(" ")} ended with ${code}:\n${output}`);
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
