/**
 * Who may import whom, type imports counted: `npm run check` holds the repository to it, and
 * test/architecture/import-rules.test.ts plants a violation of each rule.
 */

/** Rooms of the infrastructure: each imports only from those before it. */
const LAYERS = ["planning", "settings", "environment", "observability", "constructs", "stacks", "main.ts"];

/** Rooms of the app, from the lowest: each imports only from those before it. */
const APP_ROOMS = [
  "shared",
  "config",
  "stores",
  "retrieval",
  "engines",
  "operations",
  "http",
  "tasks",
  "jobs",
  "gateway",
];

const CONTRACT = "^app/src/contract/";
const CDKTF = "(^|/)node_modules/(cdktf|constructs|@cdktf/[^/]+)/";

/** @returns {string} a pattern for what lies in one of these rooms, or is one of these files */
function inside(rooms, prefix = "") {
  const names = rooms.map((room) => (room.includes(".") ? `${room.replace(".", "[.]")}$` : `${room}/`));
  return `^${prefix}(${names.join("|")})`;
}

function rule(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}

/** One rule a room: it imports nothing of the rooms after it. */
function oneWay(rooms, prefix, label) {
  return rooms
    .slice(0, -1)
    .map((room, index) =>
      rule(
        `${label}-${room}`,
        `imports of ${label} run one way: ${rooms.join(" ← ")}`,
        { path: inside([room], prefix) },
        { path: inside(rooms.slice(index + 1), prefix) },
      ),
    );
}

const APP_TESTS = "^app/(test|bench|simulator/test)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    rule("no-cycle-of-files", "a cycle has no lowest file to read first", {}, { circular: true }),
    {
      ...rule("no-cycle-of-folders", "two folders that import each other are one", {}, { circular: true }),
      scope: "folder",
    },
    ...oneWay(LAYERS, "", "infrastructure"),
    rule(
      "constructs-take-properties",
      "a construct takes flat properties, not settings",
      { path: "^constructs/" },
      { path: "^(settings|environment)/" },
    ),
    rule(
      "stacks-import-no-stack",
      "stacks meet by name (ADR 0002)",
      { path: "^stacks/", pathNot: "^stacks/terrace-stack[.]ts$" },
      { path: "^stacks/", pathNot: "^stacks/terrace-stack[.]ts$" },
    ),
    rule(
      "infrastructure-imports-the-contract-alone",
      "the contract is all that infrastructure knows of the app",
      { path: inside(LAYERS) },
      { path: "^app/", pathNot: CONTRACT },
    ),
    rule(
      "app-imports-no-infrastructure",
      "the app runs without the infrastructure",
      { path: "^app/" },
      { path: `${inside(LAYERS)}|^(tools|test)/` },
    ),
    rule("contract-imports-nothing", "the contract has no dependencies", { path: CONTRACT }, { pathNot: CONTRACT }),
    ...oneWay(APP_ROOMS, "app/src/", "app"),
    rule(
      "app-doors-open-outward",
      "no room imports main.ts",
      { path: "^app/src/[^/]+/" },
      { path: "^app/src/[^/]+[.]ts$", pathNot: CONTRACT },
    ),
    rule(
      "simulator-behind-the-gateway",
      "only the gateway starts the simulator",
      { path: "^app/src/", pathNot: "^app/src/gateway/" },
      { path: "^app/simulator/" },
    ),
    rule(
      "simulator-reads-little",
      "of the app, the simulator uses the contract and the lowest room",
      { path: "^app/simulator/src/" },
      { path: "^app/", pathNot: `${CONTRACT}|^app/(simulator/src|src/shared)/` },
    ),
    rule(
      "tasks-import-no-task",
      "what two tasks need lies in tasks/shared",
      { path: "^app/src/tasks/([^/]+)/", pathNot: "^app/src/tasks/shared/" },
      { path: "^app/src/tasks/", pathNot: "^app/src/tasks/($1|shared)/" },
    ),
    rule(
      "shared-imports-no-task",
      "what tasks share depends on none of them",
      { path: "^app/src/tasks/shared/" },
      { path: "^app/src/tasks/", pathNot: "^app/src/tasks/shared/" },
    ),
    rule(
      "tools-are-programs",
      "people run tools; only their tests import them",
      { pathNot: "^(tools|test)/" },
      { path: "^tools/" },
    ),
    rule(
      "only-tests-import-tests",
      "tests are imported by tests",
      { pathNot: `^test/|${APP_TESTS}` },
      { path: `^test/|^app/(test|simulator/test)/` },
    ),
    rule(
      "testing-is-no-product",
      "what tests, benches and tools share is no part of the product",
      { pathNot: `^(testing|reporting|test|tools)/|${APP_TESTS}` },
      { path: "^(testing|reporting)/" },
    ),
    rule(
      "testing-stands-alone",
      "what every room's tests may import imports none of them",
      { path: "^(testing|reporting)/" },
      { pathNot: "^(testing|reporting)/|(^|/)node_modules/", dependencyTypesNot: ["core"] },
    ),
    rule(
      "no-cdktf-below-constructs",
      "what settings mean can be computed without cdktf",
      { path: "^(planning|settings|environment|observability)/" },
      { path: CDKTF },
    ),
    rule(
      "planning-is-arithmetic",
      "planning does no input or output",
      { path: "^planning/" },
      { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    ),
    rule(
      "no-provider-barrel",
      "a provider's barrel takes 2 to 4 s to load; import the submodule",
      {},
      { path: "node_modules/@cdktf/provider-[^/]+/lib/index[.](d[.]ts|js)$" },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|[.]build|cdktf[.]out|out|coverage)/" },
  },
};
