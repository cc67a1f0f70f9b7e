import { z } from "zod";

export const json = z.json();
export type Json = z.output<typeof json>;
export interface JsonObject {
  [key: string]: Json;
}
/** Names of attributes and positions in lists, from the outside in. */
export type Path = readonly (string | number)[];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is at a path; `undefined` where nothing is. */
export function valueAt(value: Json | undefined, [step, ...rest]: Path): Json | undefined {
  if (step === undefined) return value;
  if (Array.isArray(value)) return typeof step === "number" ? valueAt(value[step], rest) : undefined;
  return isObject(value) ? valueAt(value[step], rest) : undefined;
}

/** A copy with another value at the path; objects on the way are made where they are missing. */
export function withValueAt(target: Json | undefined, [step, ...rest]: Path, value: Json): Json {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(target) ? [...target] : [];
    list[step] = withValueAt(list[step], rest, value);
    return list;
  }
  const object = isObject(target) ? target : {};
  return { ...object, [step]: withValueAt(object[step], rest, value) };
}

/** A copy in which what is missing or null is taken from another value, at every depth. */
export function completed(value: Json | undefined, from: Json): Json {
  if (value === undefined || value === null) return from;
  if (Array.isArray(value) && Array.isArray(from)) {
    return value.map((item, index) => {
      const other = from[index];
      return other === undefined ? item : completed(item, other);
    });
  }
  if (!isObject(value) || !isObject(from)) return value;
  const missing = Object.entries(from).map(([key, item]) => [key, completed(value[key], item)]);
  return { ...value, ...Object.fromEntries(missing) };
}

/** Where a value has `true`. */
export function markedPaths(marks: Json, path: Path = []): readonly Path[] {
  if (marks === true) return [path];
  if (Array.isArray(marks)) return marks.flatMap((item, index) => markedPaths(item, [...path, index]));
  if (!isObject(marks)) return [];
  return Object.entries(marks).flatMap(([key, item]) => markedPaths(item, [...path, key]));
}
