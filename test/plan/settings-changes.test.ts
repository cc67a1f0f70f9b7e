import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { parseSettings } from "../../settings/parse";
import type { SettingsInput } from "../../settings/schema/settings";
import type { Operation } from "../../tools/plan/apply-order";
import { changeLines, shortName } from "../../tools/plan/change-report";
import { offlineTerraform } from "../../tools/plan/offline";
import { SettingsChanges, type StackChange } from "../../tools/plan/settings-changes";
import { needsCluster, type StackFile, stackFiles } from "../../tools/plan/stack-files";
import { SHIPPED } from "../support/environments";
import { synthesize } from "../support/synthesize";
import { synthesizedFolder } from "../support/synthesized";
import { ENVIRONMENT_CHANGES } from "./changes/environment-changes";
import { MACHINE_CHANGES } from "./changes/machine-changes";
import { REFUSED_CHANGES } from "./changes/refused-changes";
import { CANNOT_PLAN } from "./prepare-plans";

const cannotPlan = process.env[CANNOT_PLAN] ?? "the jest project `plan` did not prepare it";
const withProvider = cannotPlan === "" ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), "settings-changes-"));
const settingsChanges = new SettingsChanges(offlineTerraform(folder, process.env), join(folder, "plans"));
/** A change of labels plans seven stacks, and their states before. */
const MINUTES = 60_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(SHIPPED)("the state after an apply of %s", (name) => {
  const stacks = stackFiles(synthesizedFolder(name), name).filter((stack) => needsCluster(stack) === undefined);
  withProvider.each(stacks)(
    "leaves nothing to do to a second apply of $id",
    async (stack) => {
      const change = await settingsChanges.changeOf(stack, stack);
      expect(changeLines(change)).toEqual(["nothing changes"]);
    },
    5 * MINUTES,
  );
});

describe("SettingsChanges", () => {
  withProvider.each([...MACHINE_CHANGES, ...ENVIRONMENT_CHANGES])(
    "plans no more than it must where $change",
    async ({ change, before, after, expected, order = [] }) => {
      const changes = await settingsChanges.between(written(before, `${change}, before`), written(after, change));
      const byKind = changes.map((stack) => [kindOf(stack), changeLines(stack)] as const);
      expect(Object.fromEntries(byKind)).toEqual(expected);
      for (const steps of order) expect(inThisOrder(changes, steps)).toEqual(steps);
    },
    5 * MINUTES,
  );
});

describe("a plan", () => {
  withProvider.each(REFUSED_CHANGES)(
    "is refused where $change",
    async ({ change, before, after, says }) => {
      const changes = await settingsChanges.between(written(before, `${change}, before`), written(after, change));
      const refused = changes.filter(({ outcome }) => outcome === "failed");
      expect(refused.map(kindOf).sort()).toEqual(Object.keys(says).sort());
      for (const stack of refused) {
        const patterns = Object.entries(says).find(([kind]) => kind === kindOf(stack))?.[1] ?? [];
        expect([...changeLines(stack)].sort()).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
      }
    },
    5 * MINUTES,
  );
});

describe("the first apply of a release with records", () => {
  withProvider("makes them, and changes nothing else", async () => {
    const [stack] = stackFiles(synthesizedFolder("production"), "production").filter(({ id }) =>
      id.endsWith("-vm-serving"),
    );
    if (stack === undefined) throw new Error("production has machines");
    const change = await settingsChanges.changeOf(stack, withoutRecords(stack));
    expect(changeLines(change)).toEqual(
      ["applied-ai-1", "applied-ai-2", "applied-balancing", "applied-groups"].map(
        (id) => `create terraform_data.${id}_record`,
      ),
    );
  });
});

/** As the release before would have written the stack. */
function withoutRecords(stack: StackFile): StackFile {
  const text = readFileSync(stack.path, "utf8");
  const path = join(folder, "without-records.tf.json");
  const config: unknown = JSON.parse(text, (key, value: unknown) =>
    key === "terraform_data" || key === "precondition" ? undefined : value,
  );
  writeFileSync(path, JSON.stringify(config));
  return { ...stack, path };
}

function written(input: SettingsInput, name: string): readonly StackFile[] {
  const settings = parseSettings(input);
  const outdir = join(folder, name);
  synthesize(settings, outdir);
  return stackFiles(outdir, settings.environment);
}

function kindOf({ stack }: StackChange): string {
  return stack.slice(stack.indexOf("-") + 1);
}

/** The steps in the order that Terraform keeps; empty where it keeps none. */
function inThisOrder(changes: readonly StackChange[], [first, second]: readonly [string, string]): readonly string[] {
  for (const change of changes) {
    const [a, b] = [operation(change, first), operation(change, second)];
    if (change.outcome !== "planned" || a === undefined || b === undefined) continue;
    if (change.order.isBefore(a, b)) return [first, second];
    if (change.order.isBefore(b, a)) return [second, first];
  }
  return [];
}

function operation(change: StackChange, step: string): Operation | undefined {
  const [verb, name] = step.split(" ");
  if (change.outcome !== "planned" || (verb !== "create" && verb !== "update" && verb !== "destroy")) return undefined;
  const found = change.changes.find((candidate) => shortName(candidate) === name);
  return found && { verb, address: found.address };
}
