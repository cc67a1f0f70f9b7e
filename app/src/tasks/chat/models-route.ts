import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { PATHS } from "../../contract/endpoints";
import type { ModelPool } from "../../engines/client/model-pool";
import { ChatModels } from "./chat-models";

const listSchema = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      id: z.string().describe("What a chat's `model` may be"),
      object: z.literal("model"),
      created: z.int().describe("Seconds since 1970 from which this gateway offers it"),
      owned_by: z.string(),
      root: z.string().describe("For `current`: the model that it stands for"),
      max_model_len: z.int().nullable().describe("Tokens of prompt and answer together; null where it is not known"),
      available: z.boolean().describe("Whether an engine takes requests for it"),
    }),
  ),
});

/** The models that a chat may name. */
export const chatModelRoutes: FastifyPluginAsyncZod<{ readonly models: ModelPool }> = async (app, options) => {
  const models = new ChatModels(options.models);
  app.get(
    PATHS.chatModels,
    { schema: { tags: ["generation"], summary: "The models that a chat may name", response: { 200: listSchema } } },
    async () => ({ object: "list" as const, data: [...models.list()] }),
  );
};
