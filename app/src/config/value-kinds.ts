import { z } from "zod";
import { baseUrlSchema } from "./model-table";
import type { ValueKind } from "./variable";

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  /** What 0 means. @default a number like any other */
  readonly zero?: string;
}

function boundsText({ from, to, zero }: Bounds): string {
  return `from ${from} to ${to}${zero === undefined ? "" : ` (0: ${zero})`}`;
}

/** Up to nine digits. */
export function wholeNumber(bounds: Bounds): ValueKind<number> {
  return {
    unit: bounds.unit,
    rule: `a whole number ${boundsText(bounds)}`,
    schema: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .pipe(z.int().min(bounds.from).max(bounds.to)),
  };
}

/** Decimal digits, without an exponent. */
export function decimalNumber(bounds: Bounds): ValueKind<number> {
  return {
    unit: bounds.unit,
    rule: `a number ${boundsText(bounds)}`,
    schema: z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().min(bounds.from).max(bounds.to)),
  };
}

/** `true` or `false`, in lower case. */
export function flag(): ValueKind<boolean> {
  return {
    unit: "true or false",
    rule: "true or false",
    exampleBeside: (value) => !value,
    schema: z.enum(["true", "false"]).transform((text) => text === "true"),
  };
}

export function choice<const Name extends string>(names: readonly [Name, Name, ...Name[]]): ValueKind<Name> {
  return {
    unit: "name",
    rule: names.length === 2 ? names.join(" or ") : `one of ${names.join(", ")}`,
    exampleBeside: (value) => names.find((name) => name !== value) ?? value,
    schema: z.enum(names),
  };
}

/** Comma-separated names, at least one. */
export function choices<const Name extends string>(names: readonly [Name, ...Name[]]): ValueKind<Name[]> {
  return {
    unit: `comma-separated: ${names.join(", ")}`,
    rule: `a comma-separated list of ${names.join(", ")}`,
    schema: listSchema(z.enum(names)),
  };
}

/** Comma-separated items, at least one. */
export function listSchema<Item>(item: z.ZodType<Item, string>) {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item).min(1));
}

/** A trailing slash is dropped. */
export const httpUrlSchema = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));

export const httpUrl: ValueKind<string> = { unit: "URL", rule: "an http(s) URL", schema: httpUrlSchema };

/** An OpenAI-compatible base URL. */
export const openAiUrl: ValueKind<string> = {
  unit: "URL",
  rule: "an http(s) URL ending in /v1",
  schema: baseUrlSchema,
};

/** A relative path counts from the working directory. */
export function path(unit = "path"): ValueKind<string> {
  return {
    unit,
    rule: "a path",
    shown: (value) => `\`${value}\`${value.startsWith("/") ? "" : " in the working directory"}`,
    schema: z.string().min(1),
  };
}

/** A model's name at the URL of another variable. */
export function modelAt(urlVariable: string): ValueKind<string> {
  return { unit: "name", rule: `a model name, with ${urlVariable} set`, schema: z.string().min(1) };
}

/** A token or key for a request's header. */
export const headerText: ValueKind<string> = {
  unit: "text",
  rule: "printable ASCII without spaces",
  schema: z.string().regex(/^[\x21-\x7e]+$/),
};
