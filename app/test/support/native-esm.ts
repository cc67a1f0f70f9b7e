import { constants, Script } from "node:vm";
import { jest } from "@jest/globals";

/**
 * Lets code under test import packages that ship ES modules alone: jest's own loader reads CommonJS only, so Node's
 * loads them, outside jest's sandbox. Await it before the code imports them.
 */
export async function loadNatively(...packages: readonly string[]): Promise<void> {
  for (const name of packages) {
    const script = new Script(`import(${JSON.stringify(name)})`, {
      filename: __filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const module: unknown = await script.runInThisContext();
    jest.doMock(name, () => module);
  }
}

/** What redaction imports. */
export function loadSecretRules(): Promise<void> {
  return loadNatively("@secretlint/core", "@secretlint/secretlint-rule-preset-recommend", "@secretlint/profiler");
}
