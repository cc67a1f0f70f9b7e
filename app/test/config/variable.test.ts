import { describe, expect, it } from "@jest/globals";
import { choice, flag, wholeNumber } from "../../src/config/value-kinds";
import { optionalVariable, variable } from "../../src/config/variable";

const RETRIES = { name: "RETRIES", about: "Most attempts", value: wholeNumber({ from: 1, to: 9, unit: "attempts" }) };

describe("variable", () => {
  it("derives the rule, the default's text and the example from one declaration", () => {
    expect(variable({ ...RETRIES, default: 3 })).toMatchObject({
      rule: "a whole number from 1 to 9",
      unset: "3",
      example: "3",
      unit: "attempts",
    });
  });

  it("returns the default for an unset variable", () => {
    expect(variable({ ...RETRIES, default: 3 }).schema.parse(undefined)).toBe(3);
    expect(variable({ name: "A", about: "", value: flag(), default: true }).schema.parse(undefined)).toBe(true);
  });

  it("throws on a default that breaks the rule", () => {
    expect(() => variable({ ...RETRIES, default: 10 }).schema.parse(undefined)).toThrow("Too big");
  });

  it("gives an example that differs from the default, where the kind has another value", () => {
    expect(variable({ name: "A", about: "", value: flag(), default: true }).example).toBe("false");
    expect(variable({ name: "A", about: "", value: choice(["x", "y"]), default: "x" }).example).toBe("y");
  });
});

describe("optionalVariable", () => {
  it("returns undefined for an unset variable", () => {
    const retries = optionalVariable({ ...RETRIES, unset: "one attempt", example: "4" });
    expect(retries.schema.parse(undefined)).toBeUndefined();
    expect(retries.schema.parse("4")).toBe(4);
  });
});
