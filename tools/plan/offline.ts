import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Terraform } from "./terraform";

/**
 * The Terraform of this machine, with providers from its own folders only.
 * @param folder that its configuration is written to
 * @param variables environment variables, as Terraform and its configuration read them
 */
export function offlineTerraform(folder: string, variables: NodeJS.ProcessEnv): Terraform {
  const configuration = offlineConfiguration(variables);
  if (configuration === undefined) return new Terraform(variables);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "terraform.rc");
  writeFileSync(path, configuration);
  return new Terraform(variables, path);
}

/** Folders that Terraform itself searches, most specific first: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function pluginFolders(variables: NodeJS.ProcessEnv): readonly string[] {
  const home = variables.HOME ?? homedir();
  return [
    variables.TF_PLUGIN_CACHE_DIR ?? "",
    join(home, ".terraform.d/plugins"),
    join(variables.XDG_DATA_HOME ?? join(home, ".local/share"), "terraform/plugins"),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
  ].filter((folder) => folder !== "" && existsSync(folder));
}

/**
 * Terraform's configuration for a plan without network: providers from local folders only.
 * @returns undefined where the user's own configuration already says where providers come from
 */
export function offlineConfiguration(variables: NodeJS.ProcessEnv): string | undefined {
  const own = variables.TF_CLI_CONFIG_FILE ?? join(variables.HOME ?? homedir(), ".terraformrc");
  if (existsSync(own) && readFileSync(own, "utf8").includes("provider_installation")) return undefined;
  const mirrors = pluginFolders(variables).map((path) => `  filesystem_mirror { path = ${JSON.stringify(path)} }`);
  // Without a mirror the block is empty, and Terraform reports each provider as missing.
  return ["provider_installation {", ...mirrors, "}", ""].join("\n");
}
