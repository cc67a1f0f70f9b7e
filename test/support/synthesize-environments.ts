import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENVIRONMENT_NAMES, settingsOf } from "./environments";
import { synthesize } from "./synthesize";
import { SYNTHESIZED } from "./synthesized";

/**
 * Synthesizes every environment for all test files of all projects, and a second time to compare with. A failure is
 * kept for the tests of that environment, so that it does not take every other test with it.
 */
export default function synthesizeEnvironments(): void {
  // Two jest projects ask for it, in one process.
  if (process.env[SYNTHESIZED] !== undefined) return;
  const root = mkdtempSync(join(tmpdir(), "synthesized-"));
  for (const name of ENVIRONMENT_NAMES) {
    try {
      synthesize(settingsOf(name), join(root, name));
      synthesize(settingsOf(name), join(root, `${name}.again`));
    } catch (error) {
      writeFileSync(
        join(root, `${name}.error`),
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    }
  }
  // Workers inherit it.
  process.env[SYNTHESIZED] = root;
}
