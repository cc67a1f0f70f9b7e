import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { z } from "zod";
import { STACKS } from "../../stacks/terrace-stack";

const FOLDER = join(__dirname, "..", "..", ".github", "workflows");
const texts = new Map(readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]));

/** Lines that use an action which somebody else could change under us: by tag or branch, or without saying its version. */
function unpinned(workflow: string): readonly string[] {
  const lines = workflow.split("\n").flatMap((line) => /^\s*(?:- )?uses:\s*(.*)$/.exec(line)?.[1] ?? []);
  return lines.filter((used) => !/^\.\/|^[\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+)*$/.test(used));
}

describe.each([...texts])("%s", (_, text) => {
  it("uses actions by commit", () => {
    expect(unpinned(text)).toEqual([]);
  });

  it("may read the repository and no more, but where a job says so", () => {
    const { permissions } = z.object({ permissions: z.record(z.string(), z.string()) }).parse(load(text));
    expect(permissions).toEqual({ contents: "read" });
  });

  it("never runs a fork's code with this repository's rights, and holds no key", () => {
    expect(text).not.toMatch(/pull_request_target|credentials_json|secrets\./);
  });
});

it.each(["actions/checkout@v4", "actions/checkout@main", `actions/checkout@${"a".repeat(40)}`])(
  "%s is caught",
  (used) => {
    expect(unpinned(`steps:\n  - uses: ${used}\n`)).toEqual([used]);
  },
);

it("the deployment applies every stack but bootstrap", () => {
  const named = texts.get("deploy.yml")?.match(/production-[a-z-]+/g) ?? [];
  const applied = STACKS.filter((kind) => kind !== "bootstrap").map((kind) => `production-${kind}`);
  expect(named).toEqual(expect.arrayContaining(applied));
  expect(named).not.toContain("production-bootstrap");
});
