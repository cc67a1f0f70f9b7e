import { type Expression, expression, type Operand, promqlOf } from "./expression";

type Comparison = "!=" | "<" | "<=" | "==" | ">" | ">=";
type Operator = "*" | "+" | "-" | "/" | Comparison;

/** `left operator right`, in brackets where either side is an operation of its own. */
export function operate(left: Operand, operator: Operator, right: Operand, matching = ""): Expression {
  const middle = matching === "" ? operator : `${operator} ${matching}`;
  return operation(`${inBrackets(left)} ${middle} ${inBrackets(right)}`, left, right);
}

export function divide(left: Operand, right: Operand): Expression {
  return operate(left, "/", right);
}

export function above(left: Operand, right: Operand): Expression {
  return operate(left, ">", right);
}

export function below(left: Operand, right: Operand): Expression {
  return operate(left, "<", right);
}

/** Both hold, label by label; with `on`, by these labels alone. */
export function and(left: Expression, right: Expression, on?: readonly string[]): Expression {
  return operation(`${inBrackets(left)} and${matchingOn(on)} ${inBrackets(right)}`, left, right);
}

export function or(left: Expression, right: Expression): Expression {
  return operation(`${inBrackets(left)} or ${inBrackets(right)}`, left, right);
}

export function unless(left: Expression, right: Expression, on?: readonly string[]): Expression {
  return operation(`${inBrackets(left)} unless${matchingOn(on)} ${inBrackets(right)}`, left, right);
}

function matchingOn(labels: readonly string[] | undefined): string {
  return labels === undefined ? "" : ` on (${labels.join(", ")})`;
}

function operation(promql: string, ...from: readonly Operand[]): Expression {
  return { ...expression(promql, ...from), operation: true };
}

function inBrackets(operand: Operand): string {
  const promql = promqlOf(operand);
  return typeof operand !== "number" && operand.operation === true ? `(${promql})` : promql;
}
