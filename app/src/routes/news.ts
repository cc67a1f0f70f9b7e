import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { PATHS } from "../contract";
import { generationErrors } from "../errors/schema";
import { firstSentences } from "../generation/sentences";
import { replyWithStream } from "../generation/sse-reply";
import { generateStructured } from "../generation/structured";
import { newsPrompt } from "../prompts/v1/news";
import {
  answerFields,
  callContext,
  type GenerationRouteOptions,
  jsonOrStream,
  languageSchema,
  streamSchema,
} from "./generation-options";

const bodySchema = z
  .strictObject({
    title: z.string().max(500).optional(),
    text: z.string().trim().min(1).describe("The article. Text only: the server fetches no URL"),
    max_sentences: z.int().min(1).max(10).default(3),
    language: languageSchema,
    stream: streamSchema,
  })
  .meta({
    examples: [
      {
        title: "vLLM 0.33",
        text: "vLLM 0.33 was released today. It adds priority scheduling. Prefix caching is on by default.",
        max_sentences: 2,
        language: "en",
      },
    ],
  });

const draftSchema = z.object({
  summary: z.string().min(1),
  bullets: z.array(z.string().min(1)).max(7),
  keywords: z.array(z.string().min(1)).max(10),
});

const answerSchema = z.object({ title: z.string().optional(), ...draftSchema.shape, ...answerFields });

/** `POST /news`: a summary straight from the model, with no retrieval. */
export const newsRoutes: FastifyPluginAsyncZod<GenerationRouteOptions> = async (app, options) => {
  const { models, lifecycle, promptBudgetTokens } = options;
  app.post(
    PATHS.news,
    {
      schema: {
        tags: ["generation"],
        summary: "Summarise an article",
        body: bodySchema,
        response: { 200: jsonOrStream(answerSchema, "The summary"), ...generationErrors },
      },
    },
    async (request, reply) => {
      const { title, text, max_sentences: maxSentences, language, stream } = request.body;
      const material = { title, text, maxSentences, language };
      const model = models.forTask("news");
      const context = callContext(request, reply);
      if (stream) {
        const prompt = newsPrompt(material, "markdown", promptBudgetTokens);
        return replyWithStream(request, reply, { model, prompt, context, lifecycle });
      }
      const prompt = newsPrompt(material, "json", promptBudgetTokens);
      const { value, ...rest } = await generateStructured(
        model,
        prompt,
        { name: "news", schema: draftSchema },
        context,
      );
      // Models count sentences badly; the limit is a promise to the client.
      return {
        ...(title !== undefined && { title }),
        ...value,
        summary: firstSentences(value.summary, maxSentences),
        ...rest,
      };
    },
  );
};
