import { lstatSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectFiles, readProjectFile } from "../docs/files";
import { TASK_LIST, typedValues } from "./typed-values";

const ROOT = join(__dirname, "..", "..");
/** Programs, and what the containers and charts are made of; tests and benches type what they expect. */
const SOURCES = /\.([cm]?[jt]s|tsx|sh|conf|ya?ml|tpl)$|(^|\/)Dockerfile$/;
const NOT_SEARCHED = /(^|\/)(test|testing|bench|docs|ci|dist)\/|^\.|^app\/src\/contract\//;

const sources = projectFiles().filter(
  (path) => SOURCES.test(path) && !NOT_SEARCHED.test(path) && !lstatSync(join(ROOT, path)).isSymbolicLink(),
);

/** File → values that it cannot read from the contract, and why. */
const EXCEPTIONS: Readonly<Record<string, readonly [reason: string, ...values: string[]]>> = {
  "app/Dockerfile": ["a container's own default, and a note for its reader", "8001", "HOST"],
  "app/bin/healthcheck.cjs": ["runs without the bundle; test/image runs it", "/healthz", "8001", "PORT"],
  "app/src/gateway/task-routes.ts": ["a Record of every task", TASK_LIST],
  "app/src/http/landing/public/tasks.js": ["runs in a browser; a form each for tasks that people try", TASK_LIST],
  "charts/llm-serving/files/metadata.sh": ["a script's own, for a server of its tests", "METADATA_URL"],
  "charts/llm-serving/files/storage.sh": ["a script's own, for a server of its tests", "STORAGE_URL"],
  "charts/llm-serving/files/test.mjs": ["runs in the cluster, for `helm test`", "/news"],
  "charts/llm-serving/values.yaml": [
    "what the chart has alone; a release sets all three",
    "/health/live",
    "/healthz",
    "8001",
  ],
  "constructs/gke/google-metrics-adapter.ts": ["the adapter's own path", "/healthz"],
  "settings/environments/demo.ts": ["a Record of every route class", TASK_LIST],
  "settings/environments/production.ts": ["a Record of every route class", TASK_LIST],
  "tools/load/errands.ts": ["a Record of every task", TASK_LIST],
};

describe("app/src/contract", () => {
  it("has values that are typed again in these files only, each for its reason", () => {
    expect(sources.length).toBeGreaterThan(500);
    const found = sources.flatMap((path) => {
      const values = typedValues(path, readProjectFile(path));
      return values.length === 0 ? [] : [[path, [...values].sort()] as const];
    });
    const excepted = Object.entries(EXCEPTIONS).map(([path, [, ...values]]) => [path, values] as const);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(excepted));
  });
});

describe(typedValues, () => {
  it.each([
    ["a path", "stacks/foundation.ts", 'const ADMIN_PATH = "/api/v1/admin";', ["/api/v1/admin"]],
    ["a path behind a host", "tools/x.ts", "fetch(`http://localhost:1234/healthz`)", ["/healthz"]],
    ["a path behind an expression", "tools/x.ts", "fetch(`$" + "{url}/news?x=1`)", ["/news"]],
    ["a path as a label", "observability/x.ts", 'const series = `x{route="/til", a="b"}`;', ["/til"]],
    [
      "a metric of a series",
      "observability/x.ts",
      "const series = 'gateway_ttft_seconds_bucket{le=\"2\"}';",
      ["gateway_ttft_seconds"],
    ],
    ["a variable", "planning/x.ts", 'const env = { MODEL: "MODEL_TABLE" };', ["MODEL_TABLE"]],
    ["a variable that is read", "tools/x.ts", "process.env.MODEL_TABLE;", ["MODEL_TABLE"]],
    ["a port", "planning/x.ts", "const port = 8_001;", ["8001"]],
    ["a port of a URL", "tools/x.ts", 'const url = "http://127.0.0.1:8001/x";', ["8001"]],
    ["a response header", "constructs/x.ts", 'const header = "endpoint-load-metrics";', ["endpoint-load-metrics"]],
    ["a list of tasks", "observability/x.ts", 'const chained = ["til", "interview"];', [TASK_LIST]],
    ["a table of tasks", "tools/x.ts", "const table = { til: 1, news: 2 };", [TASK_LIST]],
    ["a union of tasks", "tools/x.ts", 'type Some = "til" | "news" | "other";', [TASK_LIST]],
    ["a chart's value", "charts/x/values.yaml", "port: 8001 # the gateway's\n", ["8001"]],
    ["a script's variable", "boot/x.sh", 'url="$METADATA_URL/x"', ["METADATA_URL"]],
  ])("finds %s", (_, path, text, values) => {
    expect(typedValues(path, text)).toEqual(values);
  });

  it.each([
    [
      "a sentence for people",
      "app/src/x.ts",
      'const about = "Says how long /healthz answers 503 once PORT is closed";',
    ],
    ["a longer path", "stacks/x.ts", 'const paths = ["/tilx", "/api/v1/administrators", "/newsletter"];'],
    ["a comment", "charts/x/values.yaml", "# the port is 8001\nport: 1\n"],
    ["one task", "app/src/x.ts", 'models.forTask("til");'],
  ])("leaves alone %s", (_, path, text) => {
    expect(typedValues(path, text)).toEqual([]);
  });
});
