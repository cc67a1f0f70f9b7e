import { describe, expect, it } from "@jest/globals";
import { sourceFiles } from "./source-files";

/** An object literal spread into another, such as `{ ...{ a, b }, c }`: its properties can be written where they go. */
const FRESH_LITERAL = /\.\.\.\{/;

describe("object literals", () => {
  it("are not spread where they are written", () => {
    const own = "test/architecture/literals.test.ts";
    const lines = sourceFiles().flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) => (FRESH_LITERAL.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(lines.filter((line) => !line.startsWith(own))).toEqual([]);
  });

  it("would be found spread", () => {
    expect(FRESH_LITERAL.test("return { ...{ model, adapter }, usage };")).toBe(true);
    expect(FRESH_LITERAL.test("return { ...(simple && { model }), ...rest };")).toBe(false);
  });
});
