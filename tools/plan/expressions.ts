import { isValues, type Path, type PlannedValue, plannedAt } from "./planned-value";

/** An interpolation of Terraform JSON; none of ours has braces inside. */
const INTERPOLATION = /\$\{([^{}]*)\}/;

/**
 * What is written at a path of a resource's configuration, as an expression of Terraform's language; `undefined` where
 * nothing is, or nothing that refers to other resources.
 * @param expressions of a plan file
 */
export function expressionAt(expressions: PlannedValue | undefined, path: Path): string | undefined {
  const written = writtenAt(expressions, path);
  return written === undefined || !refers(written) ? undefined : toExpression(written);
}

/** Addresses of the resources that a configuration names. */
export function referencesIn(expressions: PlannedValue): readonly string[] {
  if (Array.isArray(expressions)) return expressions.flatMap(referencesIn);
  if (!isValues(expressions)) return [];
  const { references, ...rest } = expressions;
  const own = Array.isArray(references) ? references.filter((item) => typeof item === "string") : [];
  // `type.name`, `type.name.attribute` and `type.name.block[0].attribute` are all listed.
  return [
    ...own.map((reference) => reference.split(".").slice(0, 2).join(".")),
    ...Object.values(rest).flatMap(referencesIn),
  ];
}

function writtenAt(node: PlannedValue | undefined, path: Path): PlannedValue | undefined {
  if (isValues(node) && "constant_value" in node) return plannedAt(node.constant_value, path);
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  return writtenAt(plannedAt(node, [step]), rest);
}

function refers(value: PlannedValue): boolean {
  if (typeof value === "string") return INTERPOLATION.test(value);
  if (Array.isArray(value)) return value.some(refers);
  return isValues(value) && Object.values(value).some(refers);
}

function toExpression(value: PlannedValue): string {
  if (typeof value === "string") return templateExpression(value);
  if (Array.isArray(value)) return `[${value.map(toExpression).join(", ")}]`;
  if (!isValues(value)) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)} = ${toExpression(item)}`)}}`;
}

/** Split by a pattern with a group, texts and what is interpolated take turns. */
function templateExpression(text: string): string {
  const parts = text.split(INTERPOLATION).map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part)));
  const filled = parts.filter((part) => part !== '""');
  return filled.length === 1 ? String(filled[0]) : `join("", [${filled.join(", ")}])`;
}
