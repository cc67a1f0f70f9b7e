import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BootFile } from "./cloud-config";

/** Files, so that shellcheck and the tests run what boots. Values reach them by {@link BOOT_ENVIRONMENT} alone. */
export type BootScript =
  | "adapters.sh"
  | "authorities.sh"
  | "config-watch.sh"
  | "config.sh"
  | "data-disk.sh"
  | "driver.sh"
  | "engine-metrics.sh"
  | "metadata.sh"
  | "migration.sh"
  | "models-from-image.sh"
  | "model-state.sh"
  | "models.sh"
  | "ports.sh"
  | "retry.sh"
  | "secrets.sh"
  | "storage.sh";

const SCRIPT_DIRECTORY = "/etc/terrace/boot";

/** Environment file of every boot unit. */
export const BOOT_ENVIRONMENT = "/etc/terrace/boot.env";

/** Compiled code lies elsewhere than its source; `cdktf.json` marks the project. */
function projectDirectory(from: string): string {
  if (existsSync(join(from, "cdktf.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no cdktf.json in any folder above ${__dirname}: boot scripts cannot be found`);
  return projectDirectory(parent);
}

export function scriptPath(script: BootScript): string {
  return `${SCRIPT_DIRECTORY}/${script}`;
}

export function bootScripts(scripts: readonly BootScript[]): BootFile[] {
  const directory = join(projectDirectory(__dirname), "boot");
  return scripts.map((script) => ({
    path: scriptPath(script),
    content: readFileSync(join(directory, script), "utf8"),
  }));
}
