import type { z } from "zod";

/** One environment variable: its documentation and the schema of its text. The README's table is made of these. */
export interface EnvironmentVariable<Value> {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  /** What happens where the variable is unset or empty: its default, or in words. */
  readonly unset: string;
  /** The rule that a value must keep, completing "must be …". */
  readonly rule: string;
  /** A value that works. */
  readonly example: string;
  readonly secret: boolean;
  /** The value is structured; a problem names the field's own rule instead of `rule`. */
  readonly structured: boolean;
  /** Name of the variable without which this one has no effect. */
  readonly needs: string | undefined;
  readonly schema: z.ZodType<Value, string | undefined>;
}

/** The values that a variable may have: schema, rule and unit of one declaration, so that they cannot disagree. */
export interface ValueKind<Value> {
  readonly schema: z.ZodType<Value, string>;
  /** Completes "must be …". */
  readonly rule: string;
  readonly unit: string;
  /** How the README writes a default. @default in backquotes, a number without */
  readonly shown?: (value: Value) => string;
  /** An example that differs from the default, where the kind has one. @default the default itself */
  readonly exampleBeside?: (value: Value) => Value;
  readonly structured?: true;
}

interface VariableProps<Value> {
  readonly name: string;
  readonly about: string;
  readonly value: ValueKind<Value>;
  /** @default false */
  readonly secret?: true;
  /** Name of the variable without which this one has no effect. @default none */
  readonly needs?: string;
}

interface DefaultedProps<Value> extends VariableProps<Value> {
  readonly default: NoInfer<Value>;
  /** What the default amounts to, added to it in the README. @default nothing is added */
  readonly defaultMeans?: string;
  /** @default the kind's own example beside the default */
  readonly example?: NoInfer<Value>;
}

interface OptionalProps<Value> extends VariableProps<Value> {
  /** What happens where the variable is unset. */
  readonly unset: string;
  readonly example: string;
}

function inBackquotes(value: string | number | boolean): string {
  return typeof value === "number" ? String(value) : `\`${value}\``;
}

/** A variable with a default, which is parsed like a value of the environment: one that breaks the rule throws. */
export function variable<Value extends string | number | boolean>(
  props: DefaultedProps<Value>,
): EnvironmentVariable<Value> {
  const { name, about, value: kind, default: fallback, defaultMeans, secret = false, needs } = props;
  const { rule, unit, shown = inBackquotes, exampleBeside, structured = false } = kind;
  return {
    name,
    about,
    unit,
    unset: defaultMeans === undefined ? shown(fallback) : `${shown(fallback)}: ${defaultMeans}`,
    rule,
    example: String(props.example ?? exampleBeside?.(fallback) ?? fallback),
    secret,
    structured,
    needs,
    schema: kind.schema.prefault(String(fallback)),
  };
}

/** A variable that is undefined where it is unset. */
export function optionalVariable<Value>(props: OptionalProps<Value>): EnvironmentVariable<Value | undefined> {
  const { name, about, value: kind, unset, example, secret = false, needs } = props;
  const { rule, unit, structured = false } = kind;
  return { name, about, unit, unset, rule, example, secret, structured, needs, schema: kind.schema.optional() };
}
