import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BootFile } from "./cloud-config";

/**
 * Shell scripts of `boot/` that run on a machine. They are files, not strings in TypeScript, so that shellcheck and the
 * tests run the very text that boots; values reach them through {@link BOOT_ENVIRONMENT}, never by interpolation.
 */
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

/** Where scripts lie on a machine. */
const SCRIPT_DIRECTORY = "/etc/terrace/boot";

/** Environment file of every boot unit. */
export const BOOT_ENVIRONMENT = "/etc/terrace/boot.env";

/** Compiled code runs from another folder than its source: the project is where `cdktf.json` is. */
function projectDirectory(from: string): string {
  if (existsSync(join(from, "cdktf.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no cdktf.json in any folder above ${__dirname}: boot scripts cannot be found`);
  return projectDirectory(parent);
}

/** Path of a script on a machine. */
export function scriptPath(script: BootScript): string {
  return `${SCRIPT_DIRECTORY}/${script}`;
}

/** The scripts as files of a machine. */
export function bootScripts(scripts: readonly BootScript[]): BootFile[] {
  const directory = join(projectDirectory(__dirname), "boot");
  return scripts.map((script) => ({
    path: scriptPath(script),
    content: readFileSync(join(directory, script), "utf8"),
  }));
}
