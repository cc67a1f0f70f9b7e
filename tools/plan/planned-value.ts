import { z } from "zod";

export const plannedValue = z.json();
/** JSON, as plans and states hold values. */
export type PlannedValue = z.output<typeof plannedValue>;
export interface PlannedValues {
  [key: string]: PlannedValue;
}
/** Names of attributes and positions in lists, from the outside in. */
export type Path = readonly (string | number)[];

export function isValues(value: PlannedValue | undefined): value is PlannedValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is at a path; `undefined` where nothing is. */
export function plannedAt(value: PlannedValue | undefined, [step, ...rest]: Path): PlannedValue | undefined {
  if (step === undefined) return value;
  if (Array.isArray(value)) return typeof step === "number" ? plannedAt(value[step], rest) : undefined;
  return isValues(value) ? plannedAt(value[step], rest) : undefined;
}

/** A copy with another value at the path; objects on the way are made where they are missing. */
export function withPlannedAt(
  target: PlannedValue | undefined,
  [step, ...rest]: Path,
  value: PlannedValue,
): PlannedValue {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(target) ? [...target] : [];
    list[step] = withPlannedAt(list[step], rest, value);
    return list;
  }
  const object = isValues(target) ? target : {};
  return { ...object, [step]: withPlannedAt(object[step], rest, value) };
}

/** A copy in which what is missing or null is taken from another value, at every depth. */
export function completed(value: PlannedValue | undefined, from: PlannedValue): PlannedValue {
  if (value === undefined || value === null) return from;
  if (Array.isArray(value) && Array.isArray(from)) {
    return value.map((item, index) => {
      const other = from[index];
      return other === undefined ? item : completed(item, other);
    });
  }
  if (!isValues(value) || !isValues(from)) return value;
  const missing = Object.entries(from).map(([key, item]) => [key, completed(value[key], item)]);
  return { ...value, ...Object.fromEntries(missing) };
}

/** Where a value has `true`. */
export function markedPaths(marks: PlannedValue, path: Path = []): readonly Path[] {
  if (marks === true) return [path];
  if (Array.isArray(marks)) return marks.flatMap((item, index) => markedPaths(item, [...path, index]));
  if (!isValues(marks)) return [];
  return Object.entries(marks).flatMap(([key, item]) => markedPaths(item, [...path, key]));
}
