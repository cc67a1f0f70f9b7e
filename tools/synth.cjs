/**
 * The app command of cdktf.json: compiles what changed and, only where that succeeded, runs the result. Nothing stale
 * and nothing with a type error can be synthesized (docs/adr/0005). One process, because a start of Node costs as much
 * as the whole incremental check.
 */
const { spawn } = require("node:child_process");
const { dirname, join } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const { keepCompiledCode } = require("./code-cache.cjs");

// Code that runs for a second is not worth optimizing: a tenth less processor time, and 10 MB less memory.
setFlagsFromString("--no-opt");

const ROOT = join(__dirname, "..");
keepCompiledCode(join(ROOT, ".build", "code-cache"));

/** The native compiler itself: its own wrapper is one more start of Node. */
function compiler() {
  const from = dirname(require.resolve("typescript-native/package.json"));
  const platform = `@typescript/typescript-${process.platform}-${process.arch}`;
  const packageJson = require.resolve(`${platform}/package.json`, { paths: [from] });
  return join(dirname(packageJson), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}

const check = spawn(compiler(), ["--build", "tsconfig.json"], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
check.on("exit", (status) => {
  if (status !== 0) process.exit(status ?? 1);
  require("../.build/main.js").main();
});
// What no change of ours can change is loaded while the compiler works.
require("cdktf");
require("zod");
