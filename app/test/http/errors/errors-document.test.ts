import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ERRORS } from "../../../src/shared/errors/app-error";

const page = readFileSync(join(__dirname, "../../../../docs/errors.md"), "utf8");

/** The tables' rows: what, status, code, Retry-After, test. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| What") && !line.startsWith("| ---"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([what = "", status = "", code = "", retryAfter = "", test = ""]) => ({
    what,
    status: Number(status),
    code: code.replaceAll("`", ""),
    retryAfter,
    test,
  }));

describe("docs/errors.md", () => {
  it("lists every error code of the gateway, and no other", () => {
    expect(rows.length).toBeGreaterThan(20);
    const named = new Set(rows.map(({ code }) => code).filter((code) => code !== ""));
    expect([...named].sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it.each(rows.filter(({ code, status }) => code !== "" && status !== 200))(
    "gives $code the status of the code: $what",
    ({ code, status }) => {
      expect(Object.entries(ERRORS).find(([name]) => name === code)?.[1].status).toBe(status);
    },
  );

  it.each(rows.filter(({ test }) => test !== ""))("names an existing test for: $what", ({ test }) => {
    const [, file = "", title = ""] = /^`(.*?)`: (.*)$/.exec(test) ?? [];
    expect(readFileSync(join(__dirname, "../..", file), "utf8")).toContain(title);
  });
});
