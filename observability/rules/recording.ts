import type { Expression } from "../promql/expression";

/** A series that Prometheus computes and keeps, because several rules or panels read it. */
export interface Recording {
  /** `level:what:how`, as Prometheus' naming guide has it. */
  readonly record: string;
  readonly expression: Expression;
}

/** The recorded series as an operand; it reads what its expression reads. */
export function recorded({ record, expression }: Recording): Expression {
  return { promql: record, reads: expression.reads };
}
