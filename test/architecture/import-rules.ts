/**
 * Who may import whom. Imports run one way, from the first of these to the last:
 * planning, settings, environment, observability, constructs, stacks, main.ts.
 */
import { posix } from "node:path";

/** A source file and what it imports, as written; type imports count. */
export interface Module {
  /** Path from the repository's root, such as `stacks/edge.ts`. */
  readonly path: string;
  readonly imports: readonly string[];
}

export interface ImportViolation {
  readonly path: string;
  readonly imported: string;
  readonly rule: string;
}

const LAYERS: readonly string[] = [
  "planning",
  "settings",
  "environment",
  "observability",
  "constructs",
  "stacks",
  "main.ts",
];
/** The one file of `app/` that infrastructure may know. */
const CONTRACT = "app/src/contract";
/** What lies beside the app's own code and may use {@link SHARED}. */
const BESIDE_THE_APP: readonly string[] = ["app/test/", "app/simulator/test/", "app/bench/"];
/** What tools, tests and benches of every room share. */
const SHARED: readonly string[] = ["testing", "reporting"];
/** Base class of the stacks, in their folder. */
const STACK_BASE = "stacks/terrace-stack";
/** Builtin modules that compute and touch nothing outside. */
const PURE_BUILTINS: readonly string[] = ["node:crypto"];
const CDKTF = /^(?:cdktf|constructs|@cdktf\/.+)$/;
const PROVIDER_BARREL = /^@cdktf\/provider-[^/]+$/;

interface Import {
  readonly from: string;
  /** Top-level folder, or the file where it lies at the top. */
  readonly fromRoom: string;
  /** Path from the root for a relative import, without extension; the specifier otherwise. */
  readonly to: string;
  readonly toRoom: string;
  readonly relative: boolean;
}

function besideTheApp(from: string): boolean {
  return BESIDE_THE_APP.some((folder) => from.startsWith(folder));
}

/** Each rule with the imports that break it. */
const RULES: Readonly<Record<string, (edge: Import) => boolean>> = {
  "imports run planning, settings, environment, observability, constructs, stacks, main.ts, never back": ({
    fromRoom,
    toRoom,
  }) => LAYERS.includes(fromRoom) && LAYERS.includes(toRoom) && LAYERS.indexOf(toRoom) > LAYERS.indexOf(fromRoom),
  "constructs take flat properties, not settings": ({ fromRoom, toRoom }) =>
    fromRoom === "constructs" && (toRoom === "settings" || toRoom === "environment"),
  "stacks import no other stack": ({ from, fromRoom, to, toRoom }) =>
    fromRoom === "stacks" && toRoom === "stacks" && to !== STACK_BASE && from !== to,
  "the app imports nothing of the infrastructure": ({ from, fromRoom, toRoom, relative }) =>
    fromRoom === "app" && toRoom !== "app" && relative && !(SHARED.includes(toRoom) && besideTheApp(from)),
  "infrastructure imports the app's contract alone": ({ fromRoom, to, toRoom }) =>
    LAYERS.includes(fromRoom) && toRoom === "app" && to !== CONTRACT,
  "the contract has no dependencies": ({ from }) => from === `${CONTRACT}.ts`,
  "only tests import tools": ({ fromRoom, toRoom }) =>
    toRoom === "tools" && !["tools", "test", "app"].includes(fromRoom),
  "only tests import tests": ({ fromRoom, toRoom }) => toRoom === "test" && fromRoom !== "test" && fromRoom !== "app",
  "testing and reporting import nothing of this repository and serve no product code": ({
    fromRoom,
    toRoom,
    relative,
  }) =>
    relative &&
    ((SHARED.includes(fromRoom) && fromRoom !== toRoom) || (SHARED.includes(toRoom) && LAYERS.includes(fromRoom))),
  "planning, settings, environment and observability know no cdktf": ({ fromRoom, to, relative }) =>
    ["planning", "settings", "environment", "observability"].includes(fromRoom) && !relative && CDKTF.test(to),
  "planning does no input or output": ({ fromRoom, to }) =>
    fromRoom === "planning" && to.startsWith("node:") && !PURE_BUILTINS.includes(to),
  "provider classes come from their submodule, not the barrel that loads all": ({ to, relative }) =>
    !relative && PROVIDER_BARREL.test(to),
};

export const RULE_NAMES: readonly string[] = Object.keys(RULES);

/** Every import that breaks a rule. */
export function importViolations(modules: readonly Module[]): readonly ImportViolation[] {
  return modules.flatMap((module) =>
    module.imports.flatMap((specifier) => {
      const edge = importOf(module.path, specifier);
      return Object.entries(RULES)
        .filter(([, breaks]) => breaks(edge))
        .map(([rule]) => ({ path: module.path, imported: edge.to, rule }));
    }),
  );
}

function importOf(from: string, specifier: string): Import {
  const relative = specifier.startsWith(".");
  const to = relative ? withoutExtension(posix.join(posix.dirname(from), specifier)) : specifier;
  return { from, fromRoom: room(from), to, toRoom: relative ? room(to) : "", relative };
}

function room(path: string): string {
  const [first = ""] = path.split("/");
  return first === "main" ? "main.ts" : first;
}

function withoutExtension(path: string): string {
  return path.replace(/\.(?:ts|tsx|js|json)$/, "");
}
