import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { jsonSchemaSchema } from "../src/json-schema";
import { readMaterial } from "../src/material";
import { textByPattern } from "../src/pattern-text";
import { answerBySchema } from "../src/schema-answer";

const bySchema = (schema: unknown, system: string, user: string) =>
  answerBySchema(jsonSchemaSchema.parse(schema), readMaterial(system, user));

describe("a value for a JSON schema", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const bound = fc.record({ low: fc.integer({ min: -50, max: 50 }), more: fc.nat(20) });
  const leaf: fc.Arbitrary<object> = fc.oneof(
    bound.map(({ low, more }) => ({ type: "integer", minimum: low, maximum: low + more })),
    bound.map(({ low, more }) => ({ type: "number", exclusiveMinimum: low, exclusiveMaximum: low + more + 1 })),
    fc.integer({ min: 1, max: 9 }).map((multipleOf) => ({ type: "integer", multipleOf, minimum: 100 })),
    fc
      .record({ min: fc.nat(40), more: fc.nat(40) })
      .map(({ min, more }) => ({ type: "string", minLength: min, maxLength: min + more })),
    fc.constantFrom("date", "date-time", "email", "uuid", "uri", "ipv4").map((format) => ({ type: "string", format })),
    fc
      .constantFrom("^[a-z]+$", "^v\\d{1,3}\\.\\d+$", "^(?:low|high)-[A-F0-9]{4}$", "^a*b?c$")
      .map((pattern) => ({ type: "string", pattern })),
    fc.constantFrom("string", "boolean", "null", "number", "integer").map((type) => ({ type })),
    fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    word.map((value) => ({ const: value })),
  );
  const { node } = fc.letrec<{
    node: object;
    list: object;
    tuple: object;
    object: object;
    map: object;
    choice: object;
  }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      tie("list"),
      tie("tuple"),
      tie("object"),
      tie("map"),
      tie("choice"),
    ),
    list: fc
      .record({ items: tie("node"), min: fc.nat(3), more: fc.nat(3) })
      .map(({ items, min, more }) => ({ type: "array", items, minItems: min, maxItems: min + more })),
    tuple: fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((prefixItems) => ({
      type: "array",
      prefixItems,
      items: false,
      minItems: prefixItems.length,
    })),
    object: fc
      .dictionary(fc.oneof(fc.constantFrom("title", "content", "keywords", "summary", "question"), word), tie("node"), {
        maxKeys: 4,
      })
      .map((properties) => ({
        type: "object",
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      })),
    map: tie("node").map((additionalProperties) => ({ type: "object", additionalProperties })),
    choice: fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  }));

  it("matches it, whatever the schema and the material", () => {
    fc.assert(
      fc.property(node, fc.string({ unit: "grapheme" }), (schema, text) => {
        const value = bySchema(schema, "", text);
        const check = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
        expect(check.safeParse(value).error?.issues ?? []).toEqual([]);
        expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("is checked by a validator that can fail", () => {
    const check = z.fromJSONSchema({ type: "array", items: { type: "string", maxLength: 2 }, minItems: 2 });
    expect(check.safeParse(["ab", "abc"]).success).toBe(false);
  });

  it("is finite where the schema contains itself", () => {
    const tree = {
      $defs: {
        node: {
          type: "object",
          properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
          required: ["name"],
        },
      },
      $ref: "#/$defs/node",
    };
    expect(bySchema(tree, "", "The cache is small.")).toMatchObject({ name: "The cache is small." });
    const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
    expect(() => bySchema(endless, "", "")).toThrow("no finite value");
  });

  it("repeats items where no more different texts are short enough", () => {
    const empty = { type: "array", items: { type: "string", maxLength: 0 }, minItems: 2 };
    expect(bySchema(empty, "", "")).toEqual(["", ""]);
  });

  it("has different items where the schema requires it", () => {
    const unique = { type: "array", items: { enum: ["a", "b", "c"] }, minItems: 3, uniqueItems: true };
    expect(bySchema(unique, "", "")).toEqual(["a", "b", "c"]);
    const texts = bySchema(
      { type: "array", items: { type: "string" }, minItems: 8, uniqueItems: true },
      "",
      "One. Two.",
    );
    expect(new Set(z.array(z.string()).parse(texts)).size).toBe(8);
  });

  it.each([
    ["numbers that there are not", { type: "integer", minimum: 5, maximum: 4 }],
    ["no multiple in the range", { type: "integer", multipleOf: 10, minimum: 11, maximum: 19 }],
    ["a definition that is missing", { $ref: "#/$defs/none" }],
    ["look-ahead", { type: "string", pattern: "^(?=a)b" }],
    ["a negated class", { type: "string", pattern: "[^a]" }],
  ])("is refused with %s", (_, schema) => {
    expect(() => bySchema(schema, "", "")).toThrow();
  });

  it("matches the pattern's own expression", () => {
    for (const pattern of ["^\\d{4}-\\d{2}$", "a|b", "^[\\w.-]+@example\\.com$", "^(ab){2}c+?$", "x{2,}"]) {
      expect(textByPattern(pattern)).toMatch(new RegExp(pattern));
    }
  });
});
