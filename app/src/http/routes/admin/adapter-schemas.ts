import { z } from "zod";
import { ENV } from "../../../contract/variables";
import type { Activation } from "../../../engines/adapters/activation";
import { adapterNameSchema, domainSchema } from "../../../engines/adapters/adapter";
import type { ResidentAdapter } from "../../../engines/adapters/adapter-service";
import { AdapterUriError, canonicalUri, MAX_URI_LENGTH, uriPattern } from "../../../engines/adapters/adapter-uri";
import { identifier } from "../identifier";

export const ownerSchema = identifier(200)
  .nullable()
  .default(null)
  .describe("User whose requests it answers; null or left out: everybody's who has none of their own");

export const adapterSchema = z
  .object({
    name: z.string().describe("The engine's name of it"),
    base_model: z.string(),
    version: z.int(),
    uri: z.string(),
    sha256: z.string().describe("Of adapter_model.safetensors; checked by whoever copies it to the engines, not here"),
    owner: z.string().nullable(),
    domain: z.string(),
    status: z.enum(["staged", "active", "retired"]),
    created_at: z.string(),
    loaded_on: z.array(z.string()).describe("Endpoints that have it, as far as this gateway knows"),
    in_flight: z.int().describe("Requests of this gateway that use it"),
  })
  .meta({ id: "Adapter" });

export const pointerSchema = z
  .object({
    owner: z.string().nullable(),
    domain: z.string(),
    from: z.string().nullable().describe("What answered before; null: the base model"),
    to: z.string().nullable().describe("What answers now; null: the base model"),
    changed: z.boolean().describe("false: it answered already, and was found well on every engine"),
  })
  .meta({ id: "AdapterPointer" });

export function registrationSchema(prefixes: readonly string[]) {
  return z
    .strictObject({
      name: adapterNameSchema.describe("Ends in -v and the version, e.g. jimin-commit-v3"),
      base_model: z.string().min(1).max(200).describe("Model that it was trained on, as the engines name it"),
      version: z.int().min(1).max(1_000_000),
      uri: z
        .string()
        .superRefine((uri, context) => {
          try {
            canonicalUri(uri, prefixes);
          } catch (thrown) {
            if (!(thrown instanceof AdapterUriError)) throw thrown;
            context.addIssue({ code: "custom", message: thrown.message });
          }
        })
        .describe(`Folder with adapter_config.json and adapter_model.safetensors, inside ${ENV.adapterPrefixes}`)
        .meta(prefixes.length === 0 ? {} : { maxLength: MAX_URI_LENGTH, pattern: uriPattern(prefixes) }),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, { error: "must be 64 lowercase hexadecimal digits" })
        .describe("Of adapter_model.safetensors"),
      owner: ownerSchema,
      domain: domainSchema,
    })
    .refine(({ name, version }) => name.endsWith(`-v${version}`), {
      error: "must end in -v and the version, so that two versions can be loaded side by side",
      path: ["name"],
    })
    .meta({
      examples: [
        {
          name: "jimin-commit-v3",
          base_model: "gemma3-12b-it-gptq",
          version: 3,
          uri: "gs://production-adapters/jimin/commit/v3",
          sha256: "0".repeat(64),
          owner: "jimin",
          domain: "commit",
        },
      ],
    });
}

/** An adapter as the routes show it. */
export function adapterShown({ adapter, loadedOn, inFlight }: ResidentAdapter): z.output<typeof adapterSchema> {
  const { name, version, uri, sha256, owner, domain, status } = adapter;
  return {
    name,
    base_model: adapter.baseModel,
    version,
    uri,
    sha256,
    owner,
    domain,
    status,
    created_at: adapter.createdAt.toISOString(),
    loaded_on: [...loadedOn],
    in_flight: inFlight,
  };
}

/** A domain whose answers come from another adapter now, as the routes show it. */
export function pointerShown({ owner, domain, from, to }: Activation): z.output<typeof pointerSchema> {
  return { owner, domain, from, to, changed: true };
}
