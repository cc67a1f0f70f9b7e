import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Activation } from "../../../engines/adapters/activation";
import { adapterNameSchema, domainSchema } from "../../../engines/adapters/adapter";
import { AdapterUriError, canonicalUri } from "../../../engines/adapters/adapter-uri";
import type { Adapters, ResidentAdapter } from "../../../engines/adapters/adapters";
import { errorSchema } from "../../errors/schema";
import { identifier } from "../identifier";

export interface AdapterRoutesOptions {
  readonly adapters: Adapters;
}

const ROOT = "/adapters";

const tags = ["operations"];

const ownerSchema = identifier(200)
  .nullable()
  .default(null)
  .describe("User whose requests it answers; null or left out: everybody's who has none of their own");

const adapterSchema = z
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

const pointerSchema = z
  .object({
    owner: z.string().nullable(),
    domain: z.string(),
    from: z.string().nullable().describe("What answered before; null: the base model"),
    to: z.string().nullable().describe("What answers now; null: the base model"),
    changed: z.boolean().describe("false: it answered already, and was found well on every engine"),
  })
  .meta({ id: "AdapterPointer" });

function registrationSchema(prefixes: readonly string[]) {
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
        .describe("Folder with adapter_config.json and adapter_model.safetensors, inside ADAPTER_PREFIXES"),
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

const nameParams = z.object({ name: adapterNameSchema });

const notFound = errorSchema.describe("There is no such adapter");
const conflict = errorSchema.describe("Not possible in the adapter's present state, or another change came first");
const storeAway = errorSchema.describe("PostgreSQL cannot be reached, or no engine takes requests; see Retry-After");
const engineRefuses = errorSchema.describe("An engine did not load it, or it gave no answer; nothing has changed");

/** Operations on adapters. To be registered below `/api/v1/admin`, in a scope that asks for the role `admin`. */
export const adapterRoutes: FastifyPluginAsyncZod<AdapterRoutesOptions> = async (app, { adapters }) => {
  const { promotion } = adapters;
  const read = async (name: string) => {
    const found = (await adapters.list()).find(({ adapter }) => adapter.name === name);
    if (found === undefined) throw new Error(`${name} was read a moment ago and is never deleted`);
    return shown(found);
  };

  app.get(
    ROOT,
    {
      schema: {
        tags,
        summary: "List every adapter with where it is loaded",
        response: { 200: z.object({ adapters: z.array(adapterSchema) }), 503: storeAway },
      },
    },
    async () => ({ adapters: (await adapters.list()).map(shown) }),
  );

  app.post(
    ROOT,
    {
      schema: {
        tags,
        summary: "Register an adapter; it serves nobody yet",
        body: registrationSchema(adapters.prefixes),
        response: {
          200: adapterSchema.describe("It was registered before, exactly so"),
          201: adapterSchema.describe("Registered"),
          404: errorSchema.describe("No task uses that base model"),
          409: errorSchema.describe("The name, or the version of that owner and domain, is taken"),
          422: errorSchema.describe("A field is missing, wrong or unknown"),
          503: storeAway,
        },
      },
    },
    async (request, reply) => {
      const { base_model: baseModel, ...rest } = request.body;
      const { adapter, created } = await promotion.register({ ...rest, baseModel });
      return reply.code(created ? 201 : 200).send(await read(adapter.name));
    },
  );

  app.post(
    `${ROOT}/:name/activate`,
    {
      schema: {
        tags,
        summary: "Load it on every engine, try it there, and let it answer its users",
        params: nameParams,
        response: {
          200: pointerSchema,
          404: notFound,
          409: conflict,
          422: errorSchema,
          502: engineRefuses,
          503: storeAway,
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      const activation = await promotion.activate(name, who(request.caller));
      if (activation !== undefined) return moved(activation);
      const { owner, domain } = await read(name);
      return { owner, domain, from: name, to: name, changed: false };
    },
  );

  app.post(
    `${ROOT}/rollback`,
    {
      schema: {
        tags,
        summary: "Let what answered before answer again",
        body: z.strictObject({ owner: ownerSchema, domain: domainSchema }).meta({
          examples: [{ owner: "jimin", domain: "commit" }],
        }),
        response: { 200: pointerSchema, 409: conflict, 422: errorSchema, 502: engineRefuses, 503: storeAway },
      },
    },
    async (request) => moved(await promotion.rollback(request.body, who(request.caller))),
  );

  app.post(
    `${ROOT}/:name/unload`,
    {
      schema: {
        tags,
        summary: "Take an adapter that is not active off the engines",
        params: nameParams,
        response: {
          200: adapterSchema,
          404: notFound,
          409: conflict,
          422: errorSchema,
          502: engineRefuses,
          503: storeAway,
        },
      },
    },
    async (request) => {
      await promotion.unload(request.params.name);
      return read(request.params.name);
    },
  );

  app.delete(
    `${ROOT}/:name`,
    {
      schema: {
        tags,
        summary: "Retire an adapter; the domain's or the base model answers in its place",
        params: nameParams,
        response: { 200: adapterSchema, 404: notFound, 409: conflict, 422: errorSchema, 503: storeAway },
      },
    },
    async (request) => {
      await promotion.retire(request.params.name, who(request.caller));
      return read(request.params.name);
    },
  );
};

function who(caller: { readonly name: string } | null): string {
  return caller?.name ?? "unknown";
}

function shown({ adapter, loadedOn, inFlight }: ResidentAdapter): z.output<typeof adapterSchema> {
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

function moved({ owner, domain, from, to }: Activation): z.output<typeof pointerSchema> {
  return { owner, domain, from, to, changed: true };
}
