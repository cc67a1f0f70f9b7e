import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import { SettingsError } from "../../settings/schema/problems";

type Path = readonly (string | number)[];

/** Every path of the plain data, inner nodes too. */
function pathsOf(value: unknown, prefix: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [prefix];
  return [
    prefix,
    ...Object.entries(value).flatMap(([key, inner]) =>
      pathsOf(inner, [...prefix, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

/** A copy with another value at the path. */
function replaced(target: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(target))
    return target.map((inner, index) => (index === key ? replaced(inner, rest, value) : inner));
  if (typeof target !== "object" || target === null) return target;
  return { ...target, [key]: replaced(Reflect.get(target, key), rest, value) };
}

/** Values that pass one check and may trip the next. */
const nearMiss = fc.oneof(
  fc.jsonValue(),
  fc.integer({ min: -5, max: 200_000 }),
  fc.double({ min: -1, max: 2 }),
  fc.constantFrom(
    "spot",
    "managed",
    "us-central1-a",
    "asia-northeast3",
    "g2-standard-96",
    "e2-standard-3",
    "e2-highmem-2",
    "db-custom-1-1",
    "10.0.0.0/8",
    "gemma3-4b-it",
    "ai-1",
    "image",
    "demo",
  ),
);

describe("parseSettings, values replaced by anything", () => {
  it("returns settings or throws a SettingsError, never another error", () => {
    const path = fc.constantFrom(...pathsOf(production));
    fc.assert(
      fc.property(fc.array(fc.tuple(path, nearMiss), { minLength: 1, maxLength: 2 }), (edits) => {
        const input = edits.reduce<unknown>((settings, [at, value]) => replaced(settings, at, value), production);
        try {
          parseSettings(input);
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
          if (error instanceof SettingsError) expect(error.problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 600 },
    );
  });
});
