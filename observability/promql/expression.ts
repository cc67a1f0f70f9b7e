import type { Metric } from "../metrics/metric";

/** A PromQL expression, and the metrics that it reads: a test compares those with what emitters really expose. */
export interface Expression {
  readonly promql: string;
  /** Has an operator outside of brackets: as an operand it needs some. @default false: a selector or a call */
  readonly operation?: boolean;
  readonly reads: readonly Metric[];
}

/** A vector selector of one metric: all that PromQL allows before a range. */
export interface Selector<M extends Metric = Metric> extends Expression {
  readonly metric: M;
}

/** A number in PromQL, or an expression. */
export type Operand = Expression | number;

export function promqlOf(operand: Operand): string {
  return typeof operand === "number" ? String(operand) : operand.promql;
}

/** Metrics that any of these read, each once. */
export function readsOf(...operands: readonly Operand[]): readonly Metric[] {
  return [...new Set(operands.flatMap((operand) => (typeof operand === "number" ? [] : operand.reads)))];
}

/** A selector, a call or an aggregation. */
export function expression(promql: string, ...from: readonly Operand[]): Expression {
  return { promql, reads: readsOf(...from) };
}
