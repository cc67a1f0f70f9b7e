import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackFile } from "./stack-files";

/**
 * Empties a folder and puts a stack into it, with a local state in place of its backend.
 * @param state text of that state. @default none: everything is to be made
 */
export function prepareFolder(folder: string, stack: StackFile, state?: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(stack.path, join(folder, "cdk.tf.json"));
  writeFileSync(join(folder, "override.tf.json"), JSON.stringify({ terraform: { backend: { local: {} } } }));
  if (state !== undefined) writeState(folder, state);
}

/** Replaces the local state of such a folder. */
export function writeState(folder: string, state: string): void {
  writeFileSync(join(folder, "terraform.tfstate"), state);
}
