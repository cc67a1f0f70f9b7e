import type { FilterValue } from "./filter";
import type { FilterPlan } from "./filter-plan";

/** Name of the column that holds a payload field. The prefix keeps it from being a word of SQL or a column of ours. */
export function fieldColumn(field: string): string {
  return `field_${field}`;
}

/** A filter as LanceDB's SQL. An absent field is NULL, and every comparison with it is made false, so that NOT is true. */
export function lanceFilter(plan: FilterPlan): string {
  switch (plan.kind) {
    case "and":
    case "or":
      return `(${plan.parts.map(lanceFilter).join(` ${plan.kind.toUpperCase()} `)})`;
    case "not":
      return `(NOT ${lanceFilter(plan.part)})`;
    case "range": {
      const column = fieldColumn(plan.field);
      const bounds = [
        ...(plan.from === undefined ? [] : [`${column} >= ${literal(plan.from)}`]),
        ...(plan.to === undefined ? [] : [`${column} <= ${literal(plan.to)}`]),
      ];
      return orFalse(bounds.join(" AND "));
    }
    case "one-of": {
      const column = fieldColumn(plan.field);
      const values = plan.values.map(literal);
      if (plan.type === "keywords")
        return orFalse(values.map((value) => `array_has(${column}, ${value})`).join(" OR "));
      return orFalse(`${column} IN (${values.join(", ")})`);
    }
  }
}

function orFalse(predicate: string): string {
  return `(coalesce(${predicate}, false))`;
}

/** A value in SQL. Booleans are kept as text; see `LanceStore`. */
export function literal(value: FilterValue): string {
  return typeof value === "number" ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}
