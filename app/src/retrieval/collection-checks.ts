import { normalize } from "../shared/vector";
import { utcTime } from "./filter-plan";
import { isPointId } from "./point-id";
import type { CollectionSpec, Fields, FieldType, JsonValue, Payload, Point } from "./vector-store";

const NAME = /^[a-z][a-z0-9_-]{0,99}$/;
const FIELD = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * The name under which a store keeps a collection: its own with its space's.
 * @throws RangeError for a name or a field that a store would not take
 */
export function storedName({ name, space, dim, fields }: CollectionSpec): string {
  if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a collection: ${NAME}`);
  if (!Number.isInteger(dim) || dim < 1) throw new RangeError(`a vector cannot have ${dim} components`);
  const wrong = Object.keys(fields).find((field) => !FIELD.test(field));
  if (wrong !== undefined) throw new RangeError(`${JSON.stringify(wrong)} is no name of a field: ${FIELD}`);
  return `${name}.${space.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

/** The points fit to be stored: checked, with vectors of length 1, and of several with one id the last. */
export function storablePoints(points: readonly Point[], { dim, fields }: CollectionSpec): Point[] {
  const byId = new Map<string, Point>();
  for (const { id, vector, payload } of points) {
    checkPayload(payload, fields);
    byId.set(checkedId(id), { id, vector: checkedVector(vector, dim), payload });
  }
  return [...byId.values()];
}

/** A value that is absent or null is of any type. */
function checkPayload(payload: Payload, fields: Fields): void {
  for (const [field, type] of Object.entries(fields)) {
    const value = payload[field];
    if (value === undefined || value === null || isOfType(field, type, value)) continue;
    throw new RangeError(`field ${field} is a ${type}; ${JSON.stringify(value)} is none`);
  }
}

function isOfType(field: string, type: FieldType, value: JsonValue): boolean {
  switch (type) {
    case "keyword":
      return typeof value === "string";
    case "keywords":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "integer":
      return Number.isSafeInteger(value);
    case "float":
      return typeof value === "number" && Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
    case "datetime":
      return typeof value === "string" && utcTime(field, value) !== "";
  }
}

export function checkedId(id: string): string {
  if (!isPointId(id)) throw new RangeError(`${JSON.stringify(id)} is no UUID in lower case`);
  return id;
}

export function checkedVector(vector: Float32Array, dim: number): Float32Array {
  if (vector.length !== dim) throw new RangeError(`a vector of ${vector.length} components in a space of ${dim}`);
  if (!vector.every(Number.isFinite)) throw new RangeError("a vector's components must be numbers");
  return normalize(vector);
}

/** Points of one request: 256 of 768 components are 2.5 MB of JSON, of Qdrant's 32 MiB. */
const BATCH = 256;

export function batches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BATCH);
  return Array.from({ length: count }, (_, index) => items.slice(index * BATCH, (index + 1) * BATCH));
}
