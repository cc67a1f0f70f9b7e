/** The real helm, over the real charts. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load, loadAll } from "js-yaml";
import { isObject, type Json, type JsonObject, parseJson } from "../../support/json";

const CHARTS = join(__dirname, "..", "..", "..", "charts");

/** A chart, and as what it is released. */
export interface ChartUnderTest {
  readonly folder: string;
  readonly release: string;
  readonly namespace: string;
}

export const LLM_SERVING: ChartUnderTest = {
  folder: join(CHARTS, "llm-serving"),
  release: "llm",
  namespace: "llm-serving",
};
export const OBSERVABILITY: ChartUnderTest = {
  folder: join(CHARTS, "observability"),
  release: "observability",
  namespace: "platform",
};

export const CHART = LLM_SERVING.folder;
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
export function exampleValues(name: string, chart = LLM_SERVING): JsonObject {
  return parseYaml(readFileSync(join(chart.folder, "ci", name), "utf8"));
}

function helm(command: readonly string[], values: JsonObject, { folder, namespace }: ChartUnderTest) {
  const { status, stdout, stderr } = spawnSync(
    "helm",
    [...command, folder, "--namespace", namespace, "--kube-version", KUBERNETES_VERSION, "--values", "-"],
    { encoding: "utf8", input: dump(values, { noRefs: true }) },
  );
  return { ok: status === 0, stdout, output: stdout + stderr };
}

/** `helm lint --strict`. */
export function lint(values: JsonObject, chart = LLM_SERVING) {
  return helm(["lint", "--strict"], values, chart);
}

/** `helm template`, whether it succeeds or not. */
export function tryTemplate(values: JsonObject, chart = LLM_SERVING) {
  return helm(["template", chart.release], values, chart);
}

/** Renderings by their values: several tests of a file look at the same. */
const rendered = new Map<string, string>();

/** What `helm template` renders. @throws Error with helm's output where it fails. */
export function renderText(values: JsonObject, chart = LLM_SERVING): string {
  const key = JSON.stringify([chart.release, values]);
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const { ok, stdout, output } = tryTemplate(values, chart);
  if (!ok) throw new Error(output);
  rendered.set(key, stdout);
  return stdout;
}

/** Every rendered object, in order. */
export function render(values: JsonObject, chart = LLM_SERVING): readonly JsonObject[] {
  return loadAll(renderText(values, chart)).flatMap((document) => {
    const value: Json = parseJson(JSON.stringify(document));
    return isObject(value) ? [value] : [];
  });
}
