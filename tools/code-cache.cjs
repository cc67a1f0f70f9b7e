/**
 * Keeps the compiled code of a program's modules in a folder, from one run to the next: cdktf and the providers are 600
 * files, and compiling them is a quarter of a synthesis. Node does that itself since 22.8; on Node 20 it is V8's code cache
 * (https://v8.dev/blog/code-caching), made at the end of a run so that it holds the functions that the run called.
 *
 * A file is found again by its content. Whatever is wrong with the folder, the modules are compiled as ever.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");
const { constants, Script } = require("node:vm");

const FILE = "code.bin";
const LENGTH_BYTES = 4;
/** Share of the modules that must be new for the cache to be written again: that takes 0.3 s, an edited file 1 ms. */
const WORTH_WRITING = 0.05;

/** From now on, modules come out of the folder's cache where it has them. */
exports.keepCompiledCode = function keepCompiledCode(folder) {
  if (typeof Module.enableCompileCache === "function") {
    Module.enableCompileCache(folder);
    return;
  }
  const known = read(folder);
  const scripts = new Map();
  let missed = 0;
  Module.prototype._compile = function compile(content, filename) {
    const digest = createHash("sha1").update(content).digest("base64");
    const cachedData = known(filename, digest);
    const script = new Script(Module.wrap(content.replace(/^#!/, "//")), {
      filename,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (cachedData === undefined || script.cachedDataRejected) missed += 1;
    scripts.set(filename, { script, digest });
    return run(this, script, filename);
  };
  process.on("exit", () => {
    // A machine of CI runs once.
    if (missed > scripts.size * WORTH_WRITING && !process.env.CI) write(folder, scripts);
  });
};

/** Calls the module's function as Node would. */
function run(module, script, filename) {
  const require = Object.assign((id) => module.require(id), {
    resolve: (request, options) => Module._resolveFilename(request, module, false, options),
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
  const body = script.runInThisContext();
  return body.call(module.exports, module.exports, require, module, filename, dirname(filename));
}

/**
 * The cache is one file, so that its index can never be another run's: the index' length, the index, the code.
 * @returns {(filename: string, digest: string) => Buffer | undefined}
 */
function read(folder) {
  try {
    const cache = readFileSync(join(folder, FILE));
    const start = LENGTH_BYTES + cache.readUInt32LE();
    const { v8, files } = JSON.parse(cache.toString("utf8", LENGTH_BYTES, start));
    if (v8 !== process.versions.v8) return () => undefined;
    return (filename, digest) => {
      const [from, to, ofContent] = files[filename] ?? [];
      return ofContent === digest ? cache.subarray(start + from, start + to) : undefined;
    };
  } catch {
    return () => undefined;
  }
}

function write(folder, scripts) {
  const files = {};
  const parts = [];
  let end = 0;
  for (const [filename, { script, digest }] of scripts) {
    const code = script.createCachedData();
    files[filename] = [end, end + code.length, digest];
    parts.push(code);
    end += code.length;
  }
  const index = Buffer.from(JSON.stringify({ v8: process.versions.v8, files }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(index.length);
  try {
    mkdirSync(folder, { recursive: true });
    // Renamed when it is whole: a run beside this one reads the old file or the new one.
    const path = join(folder, FILE);
    writeFileSync(`${path}.${process.pid}`, Buffer.concat([length, index, ...parts]));
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // A folder that cannot be written costs time, nothing else.
  }
}
