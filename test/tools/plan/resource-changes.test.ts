import { describe, expect, it } from "@jest/globals";
import { ApplyOrder } from "../../../tools/plan/apply-order";
import { changeLines } from "../../../tools/plan/change-report";
import { expressionAt } from "../../../tools/plan/expressions";
import { planFile } from "../../../tools/plan/plan-file";
import { resourceChanges } from "../../../tools/plan/resource-changes";

/** The plan of one disk. */
function plan(change: {
  actions: string[];
  before: unknown;
  after: unknown;
  after_unknown?: unknown;
  replace_paths?: unknown;
}) {
  const resource = {
    address: "google_disk.a",
    mode: "managed",
    type: "google_disk",
    name: "a",
    provider_name: "google",
  };
  return planFile.parse({
    resource_changes: [{ ...resource, change: { after_unknown: {}, after_sensitive: {}, ...change } }],
    configuration: {
      root_module: {
        resources: [
          {
            address: "google_disk.a",
            schema_version: 0,
            expressions: {
              source: { references: ["google_image.b.id", "google_image.b"], constant_value: `\${google_image.b.id}` },
            },
          },
        ],
      },
    },
  });
}

describe("resourceChanges", () => {
  it("names the innermost attributes that differ, blocks without their position", () => {
    const before = { params: [{ size: 1, type: "a" }], labels: { a: "1", b: "2" } };
    const after = { params: [{ size: 2, type: "a" }], labels: { a: "1", c: "2" } };
    const [change] = resourceChanges(plan({ actions: ["update"], before, after }));
    expect(change?.fields).toEqual(["labels.b", "labels.c", "params.size"]);
  });

  it("takes null, empty and zero for one another, as the provider does", () => {
    const before = { a: null, b: "", c: [], d: 0, e: { f: false } };
    const [change] = resourceChanges(plan({ actions: ["update"], before, after: { a: "", c: null, e: {} } }));
    expect(change?.fields).toEqual([]);
  });

  it("names an unknown attribute only where the configuration refers to another resource", () => {
    const before = { source: "b", fingerprint: "x" };
    const after_unknown = { source: true, fingerprint: true };
    const [change] = resourceChanges(plan({ actions: ["update"], before, after: {}, after_unknown }));
    expect(change?.fields).toEqual(["source"]);
  });

  it("tells a replacement that creates first from one that destroys first, and what forces it", () => {
    const values = { before: { size: 1 }, after: { size: 2 }, replace_paths: [["params", 0, "size"]] };
    const [first] = resourceChanges(plan({ actions: ["create", "delete"], ...values }));
    expect(first).toMatchObject({ action: "replace", createsFirst: true, forcedBy: ["params.size"] });
    const [second] = resourceChanges(plan({ actions: ["delete", "create"], ...values }));
    expect(second).toMatchObject({ action: "replace", createsFirst: false });
  });

  it("leaves out what stays", () => {
    expect(resourceChanges(plan({ actions: ["no-op"], before: {}, after: {} }))).toEqual([]);
  });
});

describe("changeLines", () => {
  it("puts more than four resources of a type with the same change on one line", () => {
    const change = { action: "update" as const, createsFirst: false, fields: ["labels.a"], forcedBy: [] };
    const changes = ["a", "b", "c", "d", "e"].map((name) => ({ address: `google_disk.${name}_0123ABCD`, ...change }));
    const planned = { stack: "s", outcome: "planned" as const, order: new ApplyOrder("") };
    expect(changeLines({ ...planned, changes })).toEqual(["update 5 × google_disk: labels.a"]);
    expect(changeLines({ ...planned, changes: changes.slice(0, 1) })).toEqual(["update google_disk.a: labels.a"]);
  });
});

describe("ApplyOrder", () => {
  const order = new ApplyOrder(
    [
      '"[root] a.b" -> "[root] a.b (expand)"',
      '"[root] a.b (expand)" -> "[root] c.d"',
      '"[root] e.f (destroy deposed 0a1b)" -> "[root] a.b"',
    ].join("\n"),
  );

  it("follows the graph through what is between two operations", () => {
    expect(order.isBefore({ verb: "update", address: "c.d" }, { verb: "create", address: "a.b" })).toBe(true);
    expect(order.isBefore({ verb: "create", address: "a.b" }, { verb: "update", address: "c.d" })).toBe(false);
  });

  it("knows the destruction of what was created anew before", () => {
    expect(order.isBefore({ verb: "update", address: "c.d" }, { verb: "destroy", address: "e.f" })).toBe(true);
  });
});

describe("expressionAt", () => {
  const written = {
    name: { constant_value: `a "\${x.y.id}" b` },
    plain: { constant_value: "text" },
    block: [{ hosts: { constant_value: [`\${x.y.name}`, "h"] } }],
  };

  it("joins texts and what is interpolated", () => {
    expect(expressionAt(written, ["name"])).toBe(String.raw`join("", ["a \"", x.y.id, "\" b"])`);
  });

  it("keeps lists, and finds them in blocks", () => {
    expect(expressionAt(written, ["block", 0, "hosts"])).toBe('[x.y.name, "h"]');
    expect(expressionAt(written, ["block", 0, "hosts", 0])).toBe("x.y.name");
  });

  it("finds nothing where no other resource is named", () => {
    expect(expressionAt(written, ["plain"])).toBeUndefined();
    expect(expressionAt(written, ["missing"])).toBeUndefined();
  });
});
