import type { Schemas } from "@qdrant/js-client-rest";
import type { FilterValue } from "./filter";
import type { FilterPlan } from "./filter-plan";
import type { FieldType } from "./vector-store";

/** A filter as Qdrant reads it. https://qdrant.tech/documentation/concepts/filtering/ */
export function qdrantFilter(plan: FilterPlan): Schemas["Filter"] {
  return { must: [condition(plan)] };
}

function condition(plan: FilterPlan): Schemas["Condition"] {
  switch (plan.kind) {
    case "and":
      return { must: plan.parts.map(condition) };
    case "or":
      return { should: plan.parts.map(condition) };
    case "not":
      return { must_not: [condition(plan.part)] };
    case "range":
      return { key: plan.field, range: range(plan.from, plan.to) };
    case "one-of":
      return oneOf(plan.field, plan.type, plan.values);
  }
}

function range(from: string | number | undefined, to: string | number | undefined): Schemas["RangeInterface"] {
  if (typeof from === "string" || typeof to === "string") {
    return { ...(from !== undefined && { gte: String(from) }), ...(to !== undefined && { lte: String(to) }) };
  }
  return { ...(from !== undefined && { gte: from }), ...(to !== undefined && { lte: to }) };
}

function oneOf(field: string, type: FieldType, values: readonly FilterValue[]): Schemas["Condition"] {
  const [only] = values;
  // Qdrant matches keywords, integers and booleans; equality of the other types is a range of one value.
  if (type === "float" || type === "datetime") {
    const same = values.map((value) => {
      const at = typeof value === "boolean" ? String(value) : value;
      return { key: field, range: range(at, at) };
    });
    return same.length === 1 && same[0] !== undefined ? same[0] : { should: same };
  }
  if (values.length === 1 && only !== undefined) return { key: field, match: { value: only } };
  const texts = values.filter((value) => typeof value === "string");
  const numbers = values.filter((value) => typeof value === "number");
  return { key: field, match: { any: texts.length > 0 ? texts : numbers } };
}
