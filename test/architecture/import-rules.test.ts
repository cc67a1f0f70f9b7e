import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { cruise } from "./cruise";

const { forbidden } = z
  .object({ forbidden: z.array(z.object({ name: z.string() })) })
  .parse(require("../../.dependency-cruiser.cjs"));
const RULE_NAMES = forbidden.map(({ name }) => name);

const FOLDER_RULE = "no-cycle-of-folders";

/** A source that breaks one rule and no other. */
const PLANTED: readonly (readonly [rule: string, path: string, source: string])[] = [
  ["no-cycle-of-files", "planning/egg.ts", 'import type { Hen } from "./hen";'],
  ["infrastructure-planning", "planning/network.ts", 'import { parseSettings } from "../settings/schema";'],
  ["infrastructure-settings", "settings/costs.ts", 'import type { Environment } from "../environment/names";'],
  ["infrastructure-environment", "environment/alerts.ts", 'export { ALERTS } from "../observability/catalogue";'],
  ["infrastructure-observability", "observability/files.ts", 'import type { Vm } from "../constructs/compute/vm";'],
  ["infrastructure-constructs", "constructs/compute/vm.ts", 'import type { EdgeStack } from "../../stacks/front";'],
  ["infrastructure-stacks", "stacks/edge.ts", 'export { addEnvironment } from "../main";'],
  ["constructs-take-properties", "constructs/gke/node.ts", 'import type { Settings } from "../../settings/settings";'],
  ["stacks-import-no-stack", "stacks/cluster.ts", 'import { DataStack } from "./data";'],
  ["infrastructure-imports-the-contract-alone", "planning/unit.ts", 'import { read } from "../app/src/config/read";'],
  ["app-imports-no-infrastructure", "app/src/http/names.ts", 'const names = await import("../../../planning/names");'],
  [
    "app-imports-no-infrastructure",
    "app/test/http/names.test.ts",
    'import { NAMES } from "../../../test/graph/names";',
  ],
  ["contract-imports-nothing", "app/src/contract/tasks.ts", 'import { z } from "zod";'],
  ["app-shared", "app/src/shared/clock.ts", 'import type { Config } from "../config/config";'],
  ["app-config", "app/src/config/table.ts", 'import type { Database } from "../stores/database";'],
  ["app-stores", "app/src/stores/tils.ts", 'import type { Passage } from "../retrieval/passage";'],
  ["app-retrieval", "app/src/retrieval/packing.ts", 'import type { Packer } from "../tasks/shared/chain";'],
  ["app-engines", "app/src/engines/pool.ts", 'import type { Lifecycle } from "../operations/lifecycle";'],
  ["app-operations", "app/src/operations/drain.ts", 'import { reply } from "../http/reply";'],
  ["app-http", "app/src/http/pages.ts", 'import { tilRoutes } from "../tasks/til/route";'],
  ["app-tasks", "app/src/tasks/til/options.ts", 'import type { Generation } from "../../gateway/open";'],
  ["app-jobs", "app/src/jobs/backup.ts", 'import { serve } from "../gateway/serve";'],
  ["app-doors-open-outward", "app/src/gateway/again.ts", 'import { run } from "../main";'],
  ["simulator-behind-the-gateway", "app/src/engines/fake.ts", 'import { Gpu } from "../../simulator/src/gpu";'],
  ["simulator-reads-little", "app/simulator/src/text.ts", 'import { prompt } from "../../src/tasks/shared/prompt";'],
  ["tasks-import-no-task", "app/src/tasks/interview/material.ts", 'import { TilStore } from "../til/til-store";'],
  ["shared-imports-no-task", "app/src/tasks/shared/prompts.ts", 'import { tilPrompt } from "../til/prompt";'],
  ["tools-are-programs", "stacks/front.ts", 'import { plan } from "../tools/plan/main";'],
  ["only-tests-import-tests", "tools/plan/run.ts", 'import { Template } from "../../test/support/template";'],
  ["only-tests-import-tests", "tools/plan/fake.ts", 'import { gateway } from "../../app/test/support/gateway";'],
  ["testing-is-no-product", "constructs/network/port.ts", 'import { freePort } from "../../testing/free-port";'],
  ["testing-is-no-product", "app/src/http/port.ts", 'import { renderTable } from "../../../reporting/table";'],
  ["testing-stands-alone", "testing/port.ts", 'import { PORTS } from "../app/src/contract/endpoints";'],
  ["no-cdktf-below-constructs", "settings/unit.ts", 'import { Token } from "cdktf";'],
  ["planning-is-arithmetic", "planning/prices.ts", 'const fs = require("node:fs");'],
  ["no-provider-barrel", "constructs/compute/gpu-vm.ts", 'import { computeInstance } from "@cdktf/provider-google";'],
];

const ALLOWED: readonly (readonly [path: string, source: string])[] = [
  ["constructs/compute/disk.ts", 'import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";'],
  ["stacks/foundation.ts", 'import { TerraceStack } from "./terrace-stack";'],
  ["stacks/operations.ts", 'import { Names } from "../planning/names";'],
  ["settings/rules/rules.ts", 'import { L4 } from "../../planning/gpus";'],
  ["environment/scaling.ts", 'import type { Settings } from "../settings/schema/settings";'],
  ["planning/serving-unit.ts", 'import { PORTS } from "../app/src/contract/endpoints";'],
  ["planning/digest.ts", 'import { createHash } from "node:crypto";'],
  ["test/plan/plan.test.ts", 'import { plan } from "../../tools/plan/plan";'],
  ["test/boot/ports.test.ts", 'import { freePort } from "../../testing/free-port";'],
  ["app/test/http/health.test.ts", 'import { PATHS } from "../../src/contract/endpoints";'],
  ["app/bench/gateway/report.ts", 'import { renderTable } from "../../../reporting/table";'],
  ["testing/programs.ts", 'import { describe } from "@jest/globals";'],
  ["app/test/stores/redis.test.ts", 'import { freePort } from "../../../testing/free-port";'],
  ["app/src/gateway/engines.ts", 'import { startSimulator } from "../../simulator/src/embedded";'],
  ["app/simulator/src/flags.ts", 'import { PORTS } from "../../src/contract/endpoints";'],
  ["app/src/tasks/news/route.ts", 'import { ask } from "../shared/ask";'],
  ["tools/docs-variables/page.ts", 'import { VARIABLES } from "../../app/src/config/variables";'],
];

describe(".dependency-cruiser.cjs", () => {
  const violations = cruise({
    "planning/hen.ts": 'import type { Egg } from "./egg";',
    ...Object.fromEntries([...PLANTED.map(([, path, source]) => [path, source]), ...ALLOWED]),
  }).filter(({ rule }) => rule !== FOLDER_RULE);
  const brokenBy = (path: string) => violations.filter(({ from }) => from === path).map(({ rule }) => rule);

  it.each(PLANTED)("refuses, by %s, in %s: %s", (rule, path) => {
    expect(brokenBy(path)).toEqual([rule]);
  });

  it.each(ALLOWED)("allows in %s: %s", (path) => {
    expect(brokenBy(path)).toEqual([]);
  });

  it("refuses two folders that import each other without a cycle of files", () => {
    const folders = cruise({
      "constructs/network/vpc.ts": 'import type { Vm } from "../compute/vm";',
      "constructs/compute/disk.ts": 'import type { Subnet } from "../network/subnet";',
    });
    expect(folders.map(({ from, rule }) => [from, rule]).sort()).toEqual([
      ["constructs/compute", FOLDER_RULE],
      ["constructs/network", FOLDER_RULE],
    ]);
  });

  it("has no rule without a planted violation", () => {
    expect([...new Set([...PLANTED.map(([rule]) => rule), FOLDER_RULE])].sort()).toEqual([...RULE_NAMES].sort());
  });
});
