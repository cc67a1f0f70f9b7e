import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import ts from "typescript";
import { importViolations, type Module, RULE_NAMES } from "./import-rules";

const ROOT = join(__dirname, "..", "..");
const ROOMS = [
  "planning",
  "settings",
  "environment",
  "observability",
  "constructs",
  "stacks",
  "tools",
  "test",
  "testing",
  "reporting",
  "app",
];

/** Every import, export-from, dynamic import and `require` of a source text. */
function importsOf(source: string): readonly string[] {
  return ts.preProcessFile(source, true, true).importedFiles.map((file) => file.fileName);
}

function sourceFiles(room: string): readonly string[] {
  if (!existsSync(join(ROOT, room))) return [];
  return readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .map((path) => `${room}/${path}`)
    .filter((path) => /\.tsx?$/.test(path) && !/\/(?:node_modules|dist)\//.test(path));
}

const modules: readonly Module[] = ["main.ts", ...ROOMS.flatMap(sourceFiles)].map((path) => ({
  path,
  imports: importsOf(readFileSync(join(ROOT, path), "utf8")),
}));

describe("imports of this repository", () => {
  it("are found", () => {
    expect(modules.length).toBeGreaterThan(30);
    expect(modules.find(({ path }) => path === "main.ts")?.imports).toContain("./settings/load");
  });

  it("break no rule", () => {
    expect(importViolations(modules)).toEqual([]);
  });
});

describe("the import rules", () => {
  const planted: readonly (readonly [rule: string, path: string, source: string])[] = [
    [
      "imports run planning, settings, environment, observability, constructs, stacks, main.ts, never back",
      "planning/network.ts",
      'import { parseSettings } from "../settings/parse";',
    ],
    [
      "imports run planning, settings, environment, observability, constructs, stacks, main.ts, never back",
      "constructs/compute/gpu-vm.ts",
      'import type { EdgeStack } from "../../stacks/edge";',
    ],
    [
      "imports run planning, settings, environment, observability, constructs, stacks, main.ts, never back",
      "stacks/edge.ts",
      'export { addEnvironment } from "../main";',
    ],
    [
      "constructs take flat properties, not settings",
      "constructs/compute/gpu-vm.ts",
      'import type { Settings } from "../../settings/schema/settings";',
    ],
    ["stacks import no other stack", "stacks/edge.ts", 'import { DataStack } from "./data";'],
    [
      "the app imports nothing of the infrastructure",
      "app/src/gateway/server.ts",
      'const names = await import("../../../planning/names");',
    ],
    [
      "the app imports nothing of the infrastructure",
      "app/test/operations/health/readiness.test.ts",
      'import { NAMES } from "../../../../planning/names";',
    ],
    [
      "infrastructure imports the app's contract alone",
      "planning/serving-unit.ts",
      'import { readConfig } from "../app/src/config";',
    ],
    ["the contract has no dependencies", "app/src/contract.ts", 'import { z } from "zod";'],
    [
      "the app imports nothing of the infrastructure",
      "app/test/stores/redis.test.ts",
      'import { Template } from "../../../test/support/template";',
    ],
    [
      "the app imports nothing of the infrastructure",
      "app/bench/gateway/report.ts",
      'import { runSynthesis } from "../../../tools/synthesis";',
    ],
    [
      "the app imports nothing of the infrastructure",
      "app/src/main.ts",
      'import { freePort } from "../../testing/free-port";',
    ],
    ["only tests import tools", "stacks/edge.ts", 'import { plan } from "../tools/plan";'],
    [
      "testing and reporting import nothing of this repository and serve no product code",
      "testing/free-port.ts",
      'import { PORTS } from "../app/src/contract";',
    ],
    [
      "testing and reporting import nothing of this repository and serve no product code",
      "environment/bill.ts",
      'import { renderTable } from "../reporting/table";',
    ],
    ["only tests import tests", "tools/plan.ts", 'import { Template } from "../test/support/template";'],
    [
      "planning, settings, environment and observability know no cdktf",
      "environment/unit-props.ts",
      'import { Token } from "cdktf";',
    ],
    ["planning does no input or output", "planning/prices.ts", 'const fs = require("node:fs");'],
    [
      "provider classes come from their submodule, not the barrel that loads all",
      "constructs/compute/gpu-vm.ts",
      'import { computeInstance } from "@cdktf/provider-google";',
    ],
  ];

  it.each(planted)("catch: %s (%s)", (rule, path, source) => {
    const violations = importViolations([{ path, imports: importsOf(source) }]);
    expect(violations.map((violation) => violation.rule)).toEqual([rule]);
  });

  it("each have a planted violation", () => {
    expect([...new Set(planted.map(([rule]) => rule))].sort()).toEqual([...RULE_NAMES].sort());
  });

  it.each([
    ["constructs/compute/gpu-vm.ts", 'import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";'],
    ["stacks/edge.ts", 'import { TerraceStack } from "./terrace-stack";'],
    ["stacks/edge.ts", 'import { Names } from "../planning/names";'],
    ["settings/rules/rules.ts", 'import { L4 } from "../../planning/gpus";'],
    ["planning/serving-unit.ts", 'import { PORTS } from "../app/src/contract";'],
    ["planning/names.ts", 'import { createHash } from "node:crypto";'],
    ["test/plan/plan.test.ts", 'import { plan } from "../../tools/plan";'],
    ["app/test/operations/health/readiness.test.ts", 'import { PATHS } from "../src/contract";'],
    ["app/simulator/test/metrics.test.ts", 'import { describeWith } from "../../../testing/programs";'],
    ["app/bench/gateway/report.ts", 'import { renderTable } from "../../../reporting/table";'],
    ["tools/docs-variables/main.ts", 'import { VARIABLES } from "../../app/src/config/config";'],
  ])("allow in %s: %s", (path, source) => {
    expect(importViolations([{ path, imports: importsOf(source) }])).toEqual([]);
  });
});
