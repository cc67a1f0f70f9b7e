import { expect, it } from "@jest/globals";
import { projectFiles, readProjectFile } from "./files";

const rules = projectFiles("test/policy/rules").map(readProjectFile).join("\n");

it("CURSED_KNOWLEDGE.md names policy rules that exist", () => {
  const named = [...readProjectFile("CURSED_KNOWLEDGE.md").matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)+)"/g)];
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(([quoted]) => !rules.includes(quoted)).map(([, name]) => name)).toEqual([]);
});
