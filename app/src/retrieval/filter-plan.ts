import type { Filter, FilterValue } from "./filter";
import type { Fields, FieldType } from "./vector-store";

/** A filter ready for translation: fields and values checked, dates as UTC times, constants folded away. */
export type FilterPlan =
  | {
      readonly kind: "one-of";
      readonly field: string;
      readonly type: FieldType;
      readonly values: readonly FilterValue[];
    }
  | {
      readonly kind: "range";
      readonly field: string;
      readonly type: "integer" | "float" | "datetime";
      readonly from: string | number | undefined;
      readonly to: string | number | undefined;
    }
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterPlan[] }
  | { readonly kind: "not"; readonly part: FilterPlan };

/** What a filter comes to: a plan, or that it matches everything or nothing whatever is stored. */
export type PlannedFilter = FilterPlan | "everything" | "nothing";

/** @throws RangeError for a field that is not there or a value of another type */
export function planFilter(filter: Filter | undefined, fields: Fields): PlannedFilter {
  if (filter === undefined) return "everything";
  if ("and" in filter) return planAll(filter.and, fields, "and");
  if ("or" in filter) return planAll(filter.or, fields, "or");
  if ("not" in filter) {
    const part = planFilter(filter.not, fields);
    if (part === "everything") return "nothing";
    return part === "nothing" ? "everything" : { kind: "not", part };
  }
  const { field } = filter;
  const type = fields[field];
  if (type === undefined) throw new RangeError(`no field ${field} in this collection; it has ${Object.keys(fields)}`);
  if ("equals" in filter) return { kind: "one-of", field, type, values: [checked(field, type, filter.equals)] };
  if ("in" in filter) {
    const values = filter.in.map((value) => checked(field, type, value));
    return values.length === 0 ? "nothing" : { kind: "one-of", field, type, values };
  }
  return planRange(field, type, filter.from, filter.to);
}

function planRange(
  field: string,
  type: FieldType,
  from: string | number | undefined,
  to: string | number | undefined,
): PlannedFilter {
  if (type !== "integer" && type !== "float" && type !== "datetime") {
    throw new RangeError(`field ${field} is a ${type}, which has no ranges`);
  }
  if (from === undefined && to === undefined) return "everything";
  return { kind: "range", field, type, from: bound(field, type, from), to: bound(field, type, to) };
}

/** An `and` is `everything` when empty and `nothing` as soon as a part is; an `or` the other way round. */
function planAll(filters: readonly Filter[], fields: Fields, kind: "and" | "or"): PlannedFilter {
  const [neutral, absorbing] =
    kind === "and" ? (["everything", "nothing"] as const) : (["nothing", "everything"] as const);
  const planned = filters.map((filter) => planFilter(filter, fields));
  if (planned.includes(absorbing)) return absorbing;
  const parts = planned.filter((part) => typeof part !== "string");
  const [only] = parts;
  if (only === undefined) return neutral;
  return parts.length === 1 ? only : { kind, parts };
}

function checked(field: string, type: FieldType, value: FilterValue): FilterValue {
  if (type === "datetime" && typeof value === "string") return utcTime(field, value);
  const wanted = type === "boolean" ? "boolean" : type === "integer" || type === "float" ? "number" : "string";
  if (typeof value !== wanted) throw new RangeError(`field ${field} is a ${type}; ${JSON.stringify(value)} is none`);
  if (typeof value === "number" && !(type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value))) {
    throw new RangeError(`field ${field} is a ${type}; ${value} is none`);
  }
  return value;
}

function bound(field: string, type: "integer" | "float" | "datetime", value: string | number | undefined) {
  if (value === undefined) return undefined;
  if (type === "datetime") return utcTime(field, String(value));
  // A bound of integers may lie between two of them.
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new RangeError(`field ${field} is a ${type}; ${JSON.stringify(value)} is no bound of it`);
  }
  return value;
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** An ISO date or time as a UTC time of milliseconds, so that the order of texts is the order of times. */
export function utcTime(field: string, text: string): string {
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new RangeError(`field ${field} is a datetime; ${JSON.stringify(text)} is none`);
  return new Date(time).toISOString();
}
