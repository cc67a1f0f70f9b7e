import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { PATHS } from "../contract";
import { generationErrors } from "../errors/schema";
import { generateStructured } from "../generation/structured";
import { interviewPrompt } from "../prompts/v1/interview";
import { answerFields, callContext, type GenerationRouteOptions, languageSchema } from "./generation-options";

const levelSchema = z.literal([1, 2, 3]);

const bodySchema = z
  .strictObject({
    user: z.string().min(1).max(200),
    til: z.string().trim().min(1).describe("Text that the questions are about"),
    level: levelSchema.default(2).describe("1 concepts, 2 application, 3 design"),
    category: z.string().min(1).max(100).optional(),
    count: z.int().min(1).max(10).default(3),
    language: languageSchema,
  })
  .meta({
    examples: [{ user: "jimin", til: "Redis SET with NX and EX takes a lock that expires.", level: 2, language: "en" }],
  });

const questionSchema = z.object({
  question: z.string().min(1),
  answer: z.string().min(1),
  difficulty: z.int().min(1).max(3).describe("1 easy to 3 hard"),
});

const answerSchema = z.object({
  user: z.string(),
  level: levelSchema,
  category: z.string().optional(),
  questions: z.array(questionSchema),
  ...answerFields,
});

/** `POST /interview`: questions with model answers about a TIL. */
export const interviewRoutes: FastifyPluginAsyncZod<GenerationRouteOptions> = async (app, options) => {
  const { models, promptBudgetTokens } = options;
  app.post(
    PATHS.interview,
    {
      schema: {
        tags: ["generation"],
        summary: "Make interview questions from a TIL",
        body: bodySchema,
        response: { 200: answerSchema.describe("The questions"), ...generationErrors },
      },
    },
    async (request, reply) => {
      const { user, til, level, category, count, language } = request.body;
      const prompt = interviewPrompt(
        { til: { body: til }, level, category, count, language, notes: [], asked: [] },
        promptBudgetTokens,
      );
      const schema = z.object({ questions: z.array(questionSchema).length(count) });
      const shape = { name: "interview", schema };
      const { value, ...rest } = await generateStructured(
        models.forTask("interview"),
        prompt,
        shape,
        callContext(request, reply),
      );
      return { user, level, ...(category !== undefined && { category }), ...value, ...rest };
    },
  );
};
