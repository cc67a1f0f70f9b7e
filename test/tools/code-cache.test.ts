import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const CODE_CACHE = join(__dirname, "../../tools/code-cache.cjs");
/** Node's own cache, since 22.8, is Node's to test. */
const describeOurs = "enableCompileCache" in require("node:module") ? describe.skip : describe;

describeOurs("keepCompiledCode", () => {
  let folder = "";
  let cache = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "terrace-code-"));
    cache = join(folder, "cache");
    writeFileSync(
      join(folder, "program.cjs"),
      `require(${JSON.stringify(CODE_CACHE)}).keepCompiledCode(${JSON.stringify(cache)});
       const { answer, resolved, file } = require("./part.cjs");
       console.log(answer(), resolved === require.resolve("./part.cjs"), file.endsWith("part.cjs"));`,
    );
    part("41 + 1");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function part(answer: string): void {
    const text = `#!/usr/bin/env node
      exports.answer = () => ${answer};
      exports.resolved = require.resolve("./part.cjs");
      exports.file = __filename;`;
    writeFileSync(join(folder, "part.cjs"), text);
  }

  function run(variables: NodeJS.ProcessEnv = {}): string {
    const { CI: _ci, ...environment } = process.env;
    const options = { cwd: folder, env: { ...environment, ...variables }, encoding: "utf8" } as const;
    return execFileSync(process.execPath, ["program.cjs"], options);
  }

  it("gives the same result with the cache as without", () => {
    expect(run()).toBe("42 true true\n");
    expect(readFileSync(join(cache, "code.bin")).length).toBeGreaterThan(100);
    expect(run()).toBe("42 true true\n");
  });

  it("compiles a changed file of the same length again", () => {
    run();
    part("41 + 2");
    expect(run()).toBe("43 true true\n");
  });

  it("compiles everything where the cache is damaged", () => {
    run();
    writeFileSync(join(cache, "code.bin"), readFileSync(join(cache, "code.bin")).subarray(0, 50));
    expect(run()).toBe("42 true true\n");
  });

  it("writes no cache in CI, which runs once", () => {
    run({ CI: "true" });
    expect(existsSync(cache)).toBe(false);
  });
});
