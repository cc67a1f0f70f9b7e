/** The real helm, over the real chart. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load, loadAll } from "js-yaml";
import { isObject, type Json, type JsonObject, parseJson } from "../../support/json";

export const CHART = join(__dirname, "..", "..", "..", "charts", "llm-serving");
const EXAMPLES = join(CHART, "ci");

/** Version whose APIs the chart is held to. */
export const KUBERNETES_VERSION = "1.32.0";

/** Documented sets of values, by file name. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES).sort();

/** A YAML text that must hold an object. */
export function parseYaml(text: string): JsonObject {
  const value: Json = parseJson(JSON.stringify(load(text)));
  if (!isObject(value)) throw new TypeError("expected a YAML object");
  return value;
}

/** The values of a documented set. */
export function exampleValues(name: string): JsonObject {
  return parseYaml(readFileSync(join(EXAMPLES, name), "utf8"));
}

function helm(command: readonly string[], values: JsonObject) {
  const { status, stdout, stderr } = spawnSync(
    "helm",
    [...command, CHART, "--namespace", "llm-serving", "--kube-version", KUBERNETES_VERSION, "--values", "-"],
    { encoding: "utf8", input: dump(values, { noRefs: true }) },
  );
  return { ok: status === 0, stdout, output: stdout + stderr };
}

/** `helm lint --strict`. */
export function lint(values: JsonObject) {
  return helm(["lint", "--strict"], values);
}

/** `helm template`, whether it succeeds or not. */
export function tryTemplate(values: JsonObject) {
  return helm(["template", "llm"], values);
}

/** Renderings by their values: several tests of a file look at the same. */
const rendered = new Map<string, string>();

/** What `helm template` renders. @throws Error with helm's words where it fails. */
export function renderText(values: JsonObject): string {
  const key = JSON.stringify(values);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const { ok, stdout, output } = tryTemplate(values);
  if (!ok) throw new Error(output);
  rendered.set(key, stdout);
  return stdout;
}

/** Every rendered object, in order. */
export function render(values: JsonObject): readonly JsonObject[] {
  return loadAll(renderText(values)).flatMap((document) => {
    const value: Json = parseJson(JSON.stringify(document));
    return isObject(value) ? [value] : [];
  });
}
