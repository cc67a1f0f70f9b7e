import { isList, isObject, type Json } from "./json";

/**
 * Where `actual` first falls short of `expected`, in words; `undefined` where it does not.
 *
 * Objects may hold more than expected. Lists match in full: same length, item by item.
 */
export function mismatch(expected: Json, actual: Json | undefined, path = ""): string | undefined {
  if (isList(expected)) {
    if (!isList(actual) || actual.length !== expected.length) return difference(expected, actual, path);
    return firstOf(expected.entries(), ([index, item]) => mismatch(item, actual[index], `${path}[${index}]`));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return difference(expected, actual, path);
    return firstOf(Object.entries(expected), ([key, value]) =>
      mismatch(value, actual[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return expected === actual ? undefined : difference(expected, actual, path);
}

function firstOf<Item>(items: Iterable<Item>, find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function difference(expected: Json, actual: Json | undefined, path: string): string {
  const shown = actual === undefined ? "nothing" : JSON.stringify(actual);
  return `${path === "" ? "value" : path}: expected ${JSON.stringify(expected)}, found ${shown}`;
}
