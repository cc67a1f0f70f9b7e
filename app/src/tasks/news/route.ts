import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { TASKS } from "../../contract/tasks";
import { adapterNameSchema } from "../../engines/adapters/adapter";
import { generationErrors } from "../../http/errors/schema";
import { answeredByFields } from "../shared/answered-by";
import { completionEvents } from "../shared/completion-events";
import {
  answerFields,
  explainQuery,
  generationCall,
  generationHeaders,
  jsonOrStream,
  languageSchema,
  markCache,
  streamSchema,
  writtenText,
} from "../shared/generation-options";
import type { TaskParts } from "../shared/task-parts";
import { NewsEditor, newsDraftSchema } from "./news-editor";
import { NEWS_PROMPTS } from "./prompts/news-versions";

const bodySchema = z
  .strictObject({
    title: z.string().max(500).optional(),
    text: writtenText.describe("The article. Text only: the server fetches no URL"),
    max_sentences: z.int().min(1).max(10).default(3),
    adapter: adapterNameSchema.optional().describe("LoRA adapter; the active one for news where it is left out"),
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

const explainSchema = z.object({
  prompt_version: z.string(),
  prompt_tokens: z.int().nonnegative().describe("Of the rendered prompt, estimated before it was sent"),
  stages_ms: z.object({ generate: z.number() }),
});

const answerSchema = z.object({
  title: z.string().optional(),
  ...newsDraftSchema.shape,
  ...answerFields,
  explain: explainSchema.optional().describe("With `?explain=true`"),
});

/** `POST /news`: a summary straight from the model, with no retrieval. */
export const newsRoutes: FastifyPluginAsyncZod<TaskParts> = async (app, parts) => {
  const { degraded, streams } = parts;
  const editor = new NewsEditor({ ...parts, prompts: NEWS_PROMPTS[parts.promptVersion] });
  app.post(
    TASKS.news.path,
    {
      schema: {
        tags: ["generation"],
        summary: "Summarise an article",
        headers: generationHeaders("news"),
        querystring: explainQuery,
        body: bodySchema,
        response: { 200: jsonOrStream(answerSchema, "The summary"), ...generationErrors },
      },
    },
    async (request, reply) => {
      const { title, text, max_sentences: maxSentences, language, stream, adapter } = request.body;
      const article = { title, text, maxSentences, language, adapter };
      const simple = degraded.decision("news", request.priority) === "simple";
      const call = generationCall(request, reply);
      if (stream && !simple) {
        markCache(reply, "bypass");
        const opened = await editor.open(article, call);
        return streams.answer(request, reply, completionEvents({ requestId: request.id, stream: opened }));
      }
      const news = simple ? editor.simple(article) : await editor.summarise(article, call);
      const { summary, bullets, keywords, usage, cache, explain } = news;
      markCache(reply, cache);
      return {
        ...(title !== undefined && { title }),
        summary,
        bullets,
        keywords,
        usage,
        ...answeredByFields(news),
        ...(request.query.explain === "true" && { explain }),
      };
    },
  );
};
