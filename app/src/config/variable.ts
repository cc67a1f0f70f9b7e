import { z } from "zod";

/** One environment variable: what a person needs to know about it, and what it is read by. The README's table is checked against these. */
export interface Variable<Schema extends z.ZodType> {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  /** What happens where the variable is unset or empty. */
  readonly unset: string;
  /** The rule that a value must keep, completing "must be …". */
  readonly rule: string;
  /** A value that works. */
  readonly example: string;
  readonly secret?: true;
  /** The value is structured, and its fields' own rules say more than `rule`. */
  readonly structured?: true;
  /** Reads the variable's text. */
  readonly schema: Schema;
}

/** Keeps the schema's own type. */
export function variable<Schema extends z.ZodType>(definition: Variable<Schema>): Variable<Schema> {
  return definition;
}

/** Bytes. */
export const MIB = 1024 * 1024;

export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** `true` or `false`, in so many letters. */
export function flag(unset: boolean) {
  return z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .default(unset);
}

export function httpUrl() {
  return z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
}

/** What may stand in a header: printable ASCII without spaces. */
export function printable() {
  return z.string().regex(/^[\x21-\x7e]+$/);
}

/** Comma-separated items, at least one. */
export function list<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item).min(1));
}
