import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const ROOT = join(__dirname, "../..");

/** Whether code orders resources in the way that cdktf ignores. `stack.addDependency`, between stacks, is another. */
function ordersInVain(source: string): boolean {
  return /\.node\s*\.addDependency\(/.test(source);
}

const sources = ["constructs", "stacks"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);

describe("the order of resources", () => {
  it.each(sources.filter((file) => !file.endsWith("apply-after.ts")))(
    "is not left to cdktf's silence in %s",
    (file) => {
      expect(ordersInVain(readFileSync(join(ROOT, file), "utf8"))).toBe(false);
    },
  );

  it("would be found planted, and not mistaken for the order of stacks", () => {
    expect(ordersInVain("qdrant.node.addDependency(monitoring);")).toBe(true);
    expect(ordersInVain("serving.addDependency(data);")).toBe(false);
  });
});
