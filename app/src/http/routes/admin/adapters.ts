import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { adapterNameSchema, domainSchema } from "../../../engines/adapters/adapter";
import type { AdapterService } from "../../../engines/adapters/adapter-service";
import { errorSchema } from "../../errors/schema";
import {
  adapterSchema,
  adapterShown,
  ownerSchema,
  pointerSchema,
  pointerShown,
  registrationSchema,
} from "./adapter-schemas";

export interface AdapterRoutesOptions {
  readonly adapters: AdapterService;
}

const ROOT = "/adapters";

const tags = ["operations"];

const nameParams = z.object({ name: adapterNameSchema });

const notFound = errorSchema.describe("There is no such adapter");
const conflict = errorSchema.describe("Not possible in the adapter's present state, or another change came first");
const storeAway = errorSchema.describe("PostgreSQL cannot be reached, or no engine takes requests; see Retry-After");
const engineRefuses = errorSchema.describe("An engine did not load it, or it gave no answer; nothing has changed");

/** Operations on adapters. To be registered below `/api/v1/admin`, in a scope that requires the role `admin`. */
export const adapterRoutes: FastifyPluginAsyncZod<AdapterRoutesOptions> = async (app, { adapters }) => {
  const { promotion } = adapters;
  const read = async (name: string) => {
    const found = (await adapters.list()).find(({ adapter }) => adapter.name === name);
    if (found === undefined) throw new Error(`${name} was read a moment ago and is never deleted`);
    return adapterShown(found);
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
    async () => ({ adapters: (await adapters.list()).map(adapterShown) }),
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
      if (activation !== undefined) return pointerShown(activation);
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
    async (request) => pointerShown(await promotion.rollback(request.body, who(request.caller))),
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
