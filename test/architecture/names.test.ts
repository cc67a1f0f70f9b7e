import { describe, expect, it } from "@jest/globals";
import { type SourceFile, sourceFiles } from "./source-files";

/** Declarations at the top of a file: `export const x`, `export type X`, … A re-export declares nothing. */
const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

/** Files that export the same names because they play the same part: the versions of one prompt. */
const SAME_PART = /^app\/src\/tasks\/(?<task>[^/]+)\/prompts\/v\d+\.ts$/;

/** What examples in doc comments may name is in scope there alone. */
const SCOPE_OF_EXAMPLES = "test/docs/example-scope.ts";

function part(path: string): string {
  return path.replace(SAME_PART, "app/src/tasks/$<task>/prompts");
}

/** Exported names that several files declare, with the files. */
function ambiguousNames(files: readonly SourceFile[]): Readonly<Record<string, readonly string[]>> {
  const declaredIn = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    for (const [, name = ""] of text.matchAll(EXPORTED)) {
      declaredIn.set(name, (declaredIn.get(name) ?? new Set()).add(part(path)));
    }
  }
  const ambiguous = [...declaredIn].filter(([, parts]) => parts.size > 1);
  return Object.fromEntries(ambiguous.map(([name, parts]) => [name, [...parts].sort()]));
}

describe("exported names of this repository", () => {
  const files = sourceFiles().filter(({ path }) => path !== SCOPE_OF_EXAMPLES);

  it("are found", () => {
    expect(files.length).toBeGreaterThan(500);
    const serve = files.find(({ path }) => path === "app/src/gateway/serve.ts");
    expect(serve?.text.match(EXPORTED)).toContain("export async function serve");
  });

  it("mean one thing each", () => {
    expect(ambiguousNames(files)).toEqual({});
  });
});

describe("ambiguousNames", () => {
  it("finds a value and a type of one name in two rooms", () => {
    const planted = [
      { path: "planning/fleet.ts", text: "export const FLEET = 1;\nexport interface Fleet {}\n" },
      { path: "app/src/engines/fleet.ts", text: "export class Fleet {}\n" },
    ];
    expect(ambiguousNames(planted)).toEqual({ Fleet: ["app/src/engines/fleet.ts", "planning/fleet.ts"] });
  });

  it("lets the versions of a task's prompt share its name, and no other task", () => {
    const text = "export function tilPrompt() {}\n";
    const versions = ["v1", "v2"].map((version) => ({ path: `app/src/tasks/til/prompts/${version}.ts`, text }));
    expect(ambiguousNames(versions)).toEqual({});
    expect(ambiguousNames([...versions, { path: "app/src/tasks/news/prompts/v1.ts", text }])).toHaveProperty(
      "tilPrompt",
    );
  });
});
