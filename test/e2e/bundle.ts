import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(__dirname, "../..");
/** Within the checkout, so that the bundle finds what is native. */
const BUILDS = join(ROOT, "out/e2e");

/**
 * The gateway and the simulator as they are shipped, in `app` of a folder of their own.
 * @returns the folder, which the caller removes
 */
export function buildBundle(): string {
  mkdirSync(BUILDS, { recursive: true });
  const folder = mkdtempSync(join(BUILDS, "bundle-"));
  execFileSync(process.execPath, [join(ROOT, "app/build.mjs"), join(folder, "app/dist")]);
  cpSync(join(ROOT, "app/bin"), join(folder, "app/bin"), { recursive: true });
  return folder;
}
