import { keywords } from "./extract";
import type { JsonSchemaObject } from "./json-schema";
import type { Material } from "./material";
import { textByPattern } from "./pattern-text";
import { badRequest } from "./vllm-error";

/** A value of each format of JSON schema that the material cannot fill. The date: when time_t begins. */
const FORMATS = new Map(
  Object.entries({
    "date-time": "1970-01-01T00:00:00Z",
    date: "1970-01-01",
    time: "00:00:00Z",
    duration: "PT1S",
    email: "simulated@example.com",
    hostname: "example.com",
    uri: "https://example.com/",
    uuid: "00000000-0000-4000-8000-000000000000",
    ipv4: "192.0.2.1",
    ipv6: "2001:db8::1",
  }),
);

/** A text within the schema's limits: `text` itself where the schema sets none. */
export function textWithin(schema: JsonSchemaObject, material: Material, index: number, text: () => string): string {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (minLength > maxLength) throw noValue(`minLength ${minLength} and maxLength ${maxLength}`);
  if (format === "date") {
    const day = /\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])\b/.exec(material.text);
    if (day !== null) return day[0];
  }
  const fixed = format === undefined ? undefined : FORMATS.get(format);
  if (fixed !== undefined) return fixed;
  if (pattern !== undefined) return lengthened(textByPattern(pattern), schema);
  const written = text();
  // Validators count code points or code units: a text must suit both.
  if ([...written].length >= minLength && written.length <= maxLength) return written;
  // A short limit takes a word, not a sentence's beginning. Without pairs a character is a code unit.
  const word = keywords(material, index + 1).at(-1);
  const base = (word !== undefined && maxLength < 24 ? word : written).replace(/[\u{10000}-\u{10ffff}]/gu, "?");
  return base.padEnd(minLength, base === "" ? "." : ` ${base}`).slice(0, maxLength);
}

/** A pattern's shortest text, repeated at its end up to the schema's least length. */
function lengthened(text: string, { pattern = "", minLength = 0, maxLength }: JsonSchemaObject): string {
  const candidate = text.length < minLength ? text + text.slice(-1).repeat(minLength - text.length) : text;
  const cut = candidate.slice(0, maxLength);
  if (!new RegExp(pattern, "u").test(cut)) throw noValue(`pattern ${pattern} and its length`);
  return cut;
}

/** A number in the middle of the allowed range; without one, 0 or the bound that there is. */
export function numberWithin(schema: JsonSchemaObject, whole: boolean): number {
  const step = schema.multipleOf ?? (whole ? 1 : 0);
  const margin =
    step > 0 ? step : Math.max(1e-6, Math.abs(schema.exclusiveMinimum ?? schema.exclusiveMaximum ?? 0) * 1e-9);
  const low = Math.max(schema.minimum ?? -Infinity, above(schema.exclusiveMinimum, step, margin));
  const high = Math.min(schema.maximum ?? Infinity, -above(negated(schema.exclusiveMaximum), step, margin));
  if (low > high) throw noValue(`minimum ${low} and maximum ${high}`);
  const middle = Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : clamp(0, low, high);
  if (step === 0) return middle;
  const rounded = Math.round(middle / step) * step;
  const found = [rounded, Math.ceil(low / step) * step, Math.floor(high / step) * step].find(
    (candidate) => candidate >= low && candidate <= high && (!whole || Number.isInteger(candidate)),
  );
  if (found === undefined) throw noValue(`no multiple of ${step} from ${low} to ${high}`);
  return found === 0 ? 0 : found;
}

/** The least value above an exclusive bound that is a multiple of the step. */
function above(bound: number | undefined, step: number, margin: number): number {
  if (bound === undefined) return -Infinity;
  return step > 0 ? Math.floor(bound / step) * step + step : bound + margin;
}

function negated(bound: number | undefined): number | undefined {
  return bound === undefined ? undefined : -bound;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function noValue(why: string) {
  return badRequest(`The JSON schema allows no value: ${why}.`, "response_format");
}
