import { isObject, type Json, strings } from "../support/json";
import { type EnvironmentView, resourcesOf, type StackView } from "../support/stack-view";
import { type Violation, violation } from "../support/violation";

/** An expression of Terraform; `$${` is a literal `${`. */
const EXPRESSION = /(?<!\$)\$\{((?:[^{}]|\{[^{}]*\})*)\}/g;
/** A resource or data source within an expression: https://developer.hashicorp.com/terraform/language/expressions/references */
const REFERENCE = /(?<![\w.-])(data\.)?((?:google|helm|kubernetes)_[a-z0-9_]+|terraform_data)\.([A-Za-z0-9_-]+)/g;

/** Every expression that names no resource of its own stack, and every `depends_on` that leads nowhere. */
export function unresolvedReferences({ stacks }: EnvironmentView): readonly Violation[] {
  return stacks.flatMap((stack) => {
    const resources = resourcesOf(stack.config);
    const known = new Set([...resources.map((resource) => resource.address), ...dataSources(stack)]);
    return [
      ...resources.flatMap(({ address, body }) => unresolved(stack, known, address, body)),
      ...["output", "provider", "data", "locals"].flatMap((section) =>
        unresolved(stack, known, undefined, stack.config[section] ?? null),
      ),
    ];
  });
}

/** Addresses of the data sources of a stack. */
function dataSources({ config }: StackView): readonly string[] {
  return Object.entries(isObject(config.data) ? config.data : {}).flatMap(([type, byId]) =>
    Object.keys(isObject(byId) ? byId : {}).map((id) => `data.${type}.${id}`),
  );
}

function unresolved(
  stack: StackView,
  known: ReadonlySet<string>,
  address: string | undefined,
  value: Json,
): readonly Violation[] {
  return [...strings(value)].flatMap(({ path, text }) =>
    (/(?:^|\.)depends_on\[\d+\]$/.test(path) ? [[text]] : referencesIn(text)).flatMap((references) => {
      // A shell variable that was not escaped looks like this: an expression that refers to nothing.
      if (references.length === 0) return [violation(stack, address, `${path} has an expression without a reference`)];
      return references
        .filter((reference) => !known.has(reference))
        .map((reference) => violation(stack, address, `${path} refers to ${reference}, which is not in this stack`));
    }),
  );
}

/** The addresses that each expression of a text refers to. */
function referencesIn(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(EXPRESSION)].map(([, expression = ""]) =>
    [...expression.matchAll(REFERENCE)].map(([, data = "", type, id]) => `${data}${type}.${id}`),
  );
}
