import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import type { StackKind } from "../../stacks/terrace-stack";
import { SHIPPED } from "../support/environments";
import { blocksAt, isObject, type JsonObject } from "../support/json";
import { normalised } from "../support/normalised";
import { countsByType, resourcesOf } from "../support/stack-view";
import { mismatch } from "../support/subset";
import { environment } from "../support/synthesized";

/** Prints text as it is, without the quotes and escapes of a string. */
class Verbatim {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
expect.addSnapshotSerializer({
  test: (value) => value instanceof Verbatim,
  serialize: (value) => (value instanceof Verbatim ? value.text : ""),
});

/**
 * What a person expects of a stack, `inventories/<stack id>.yaml`: under `counts` how many resources of each type, all
 * of them; under `resources` the properties that matter, by Terraform's names, of as many resources as are listed.
 */
function readInventory(stackId: string): JsonObject {
  const inventory: unknown = load(readFileSync(inventoryPath(stackId), "utf8"));
  const object = JSON.parse(JSON.stringify(inventory));
  if (!isObject(object)) throw new TypeError(`the inventory of ${stackId} is no map`);
  return object;
}

function inventoryPath(stackId: string): string {
  return join(__dirname, "inventories", `${stackId}.yaml`);
}

/** What an inventory expects and the stack does not have, in words. */
export function inventoryProblems(inventory: JsonObject, config: JsonObject): readonly string[] {
  const counts = mismatch(inventory.counts ?? null, countsByType(config), "counts");
  const unlisted = Object.keys(countsByType(config)).filter(
    (type) => !(isObject(inventory.counts) && type in inventory.counts),
  );
  const expected = isObject(inventory.resources) ? inventory.resources : {};
  const missing = Object.keys(expected).flatMap((type) =>
    blocksAt(expected, type).flatMap((properties) => {
      const reasons = resourcesOf(config)
        .filter((resource) => resource.type === type)
        .map(({ address, body }) => ({ address, reason: mismatch(properties, body) }));
      const matching = reasons.filter(({ reason }) => reason === undefined).length;
      if (matching === 1) return [];
      if (matching > 1) return [`${matching} ${type} match ${JSON.stringify(properties)}`];
      return [`no ${type} matches: ${reasons.map(({ address, reason }) => `${address}: ${reason}`).join("; ")}`];
    }),
  );
  return [...(counts === undefined ? [] : [counts]), ...unlisted.map((type) => `${type} is not counted`), ...missing];
}

/** Tests of one kind of stack in each environment that is shipped: its inventory and its snapshot. */
export function describeStack(kind: StackKind): void {
  describe.each(SHIPPED)(`${kind} of %s`, (name) => {
    const stack = () => environment(name).stacks.find((candidate) => candidate.kind === kind);

    it("holds what its inventory lists", () => {
      const found = stack();
      // No data stack without managed data, and no inventory of it either.
      expect(existsSync(inventoryPath(`${name}-${kind}`))).toBe(found !== undefined);
      if (found !== undefined) expect(inventoryProblems(readInventory(found.id), found.config)).toEqual([]);
    });

    it("is as it was", () => {
      const found = stack();
      expect(new Verbatim(found === undefined ? "no such stack" : normalised(found.config))).toMatchSnapshot();
    });
  });
}
