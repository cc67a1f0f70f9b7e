/** A value that a payload field can be compared with. */
export type FilterValue = string | number | boolean;

/**
 * Which points a search may find, by their payload. A field that holds a list matches where any item does; a field that
 * is absent matches nothing, so its negation matches it. Both stores translate all of it (see their contract suite).
 */
export type Filter =
  | { readonly field: string; readonly equals: FilterValue }
  /** An empty list matches nothing. */
  | { readonly field: string; readonly in: readonly string[] | readonly number[] }
  /** Bounds are inclusive. Text is compared as ISO 8601 dates or UTC times. */
  | {
      readonly field: string;
      readonly from?: string | number | undefined;
      readonly to?: string | number | undefined;
    }
  /** An empty list matches everything. */
  | { readonly and: readonly Filter[] }
  /** An empty list matches nothing. */
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };
