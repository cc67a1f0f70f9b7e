import { z } from "zod";
import { isModelName, MODELS } from "../../planning/models";
import { parseCidr } from "../../planning/network";
import type { FieldRule } from "./problems";

// Each environment is parsed once: compiling a parser for every object costs more than it saves. Here, because zod
// reads this when a schema is made, and every file with schemas imports this one.
z.config({ jitless: true });

/** A string that matches `pattern`, with the user's words for what it must be. */
export function text(pattern: RegExp, { rule, fix }: FieldRule) {
  return z.string().refine((value) => pattern.test(value), { message: rule, params: { fix } });
}

/** One of a closed list; the message names the whole list. */
export function oneOf<const T extends string>(values: readonly T[], what: string) {
  return z.enum(values, { error: () => ({ message: `must be ${what}: ${values.join(", ")}` }) });
}

/** An integer within bounds, with its unit in the message. */
export function whole(min: number, max: number, unit: string) {
  const message = `must be a whole number of ${unit} from ${min} to ${max}`;
  return z.int({ error: message }).min(min, { error: message }).max(max, { error: message });
}

/** A number within bounds. */
export function decimal(min: number, max: number, unit: string) {
  const message = `must be a number of ${unit} from ${min} to ${max}`;
  return z.number({ error: message }).min(min, { error: message }).max(max, { error: message });
}

/** An IPv4 range in CIDR notation whose host bits are zero. */
export const cidr = z.string().superRefine((value, context) => {
  const parsed = parseCidr(value);
  if (parsed.ok) return;
  context.addIssue({
    code: "custom",
    message: parsed.reason,
    params: { fix: "write an IPv4 range such as 10.10.0.0/20" },
  });
});

/** A name of a Compute Engine resource. https://cloud.google.com/compute/docs/naming-resources */
export const resourceLabel = text(/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/, {
  rule: "must be 1 to 63 lower-case letters, digits or hyphens, beginning with a letter",
  fix: "shorten or respell it, such as llm-vm-1",
});

/** A domain name of two labels or more, without a trailing dot. */
export const domainName = text(/^(?=.{4,253}$)(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
  rule: "must be a domain name in lower case without a trailing dot",
  fix: "write it like llm.example.com",
});

/** A zone of any region. */
export const zone = text(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, {
  rule: "must be a zone",
  fix: "write it like asia-northeast3-a",
});

export const model = z.string().refine(isModelName, {
  message: "must be a model of the catalogue",
  params: { fix: `write one of ${Object.keys(MODELS).join(", ")}` },
});
