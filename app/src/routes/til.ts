import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { readChanges } from "../changes/read-changes";
import { PATHS } from "../contract";
import { generationErrors } from "../errors/schema";
import { replyWithStream } from "../generation/sse-reply";
import { generateStructured } from "../generation/structured";
import { tilPrompt } from "../prompts/v1/til";
import {
  answerFields,
  callContext,
  type GenerationRouteOptions,
  jsonOrStream,
  languageSchema,
  streamSchema,
} from "./generation-options";

const patchSchema = z.object({
  commit_message: z.string(),
  patch: z.string().describe("Unified diff"),
});

const pathSchema = z.string().min(1).max(1_000);

const fileSchema = z.object({
  filepath: pathSchema,
  latest_code: z.string().optional().describe("Used where there is no patch"),
  patches: z.array(patchSchema).default([]),
});

const commitSchema = z.object({
  message: z.string(),
  sha: z.string().optional(),
  files: z.array(z.object({ filepath: pathSchema, patch: z.string() })).default([]),
});

// Unknown fields deep inside are ignored: clients pass on what their Git host sent. At the top they are typing errors.
const repositorySchema = z
  .object({
    name: z.string().min(1).max(200),
    branch: z.string().max(250).optional(),
    files: z.array(fileSchema).max(500).optional(),
    commits: z.array(commitSchema).max(200).optional(),
  })
  .refine(({ files = [], commits = [] }) => files.length + commits.length > 0, {
    error: "files or commits must hold at least one entry",
    path: ["files"],
  });

const bodySchema = z
  .strictObject({
    user: z.string().min(1).max(200),
    date: z.iso.date().optional().describe("Day that the TIL is about; today (UTC) where it is left out"),
    repo: z.array(repositorySchema).min(1).max(50),
    domain: z.literal("commit").default("commit"),
    language: languageSchema,
    stream: streamSchema,
  })
  .meta({
    examples: [
      {
        user: "jimin",
        repo: [
          {
            name: "shop-api",
            files: [
              {
                filepath: "src/cart.ts",
                patches: [
                  { commit_message: "Cache cart totals", patch: "@@ -1,2 +1,3 @@\n+const totals = new Map();" },
                ],
              },
            ],
          },
        ],
      },
    ],
  });

const MAX_KEYWORDS = 10;

/** What the model is asked to decode into. */
const draftSchema = z.object({
  title: z.string().min(1),
  content: z.string().min(1),
  keywords: z.array(z.string().min(1)).max(MAX_KEYWORDS),
});

const answerSchema = z.object({
  user: z.string(),
  date: z.string(),
  repo: z.array(z.string()).describe("Names of the repositories"),
  title: z.string(),
  content: z.string().describe("Markdown"),
  keywords: z.array(z.string()).max(MAX_KEYWORDS),
  ...answerFields,
});

/** `POST /til` and, under the name of the fifth document, `POST /generate_til`. */
export const tilRoutes: FastifyPluginAsyncZod<GenerationRouteOptions> = async (app, options) => {
  const { models, lifecycle, promptBudgetTokens } = options;
  for (const url of [PATHS.til, PATHS.generateTil]) {
    app.post(
      url,
      {
        schema: {
          tags: ["generation"],
          summary: url === PATHS.til ? "Write a TIL from a day's commits" : "The same as /til",
          body: bodySchema,
          response: { 200: jsonOrStream(answerSchema, "The TIL"), ...generationErrors },
        },
      },
      async (request, reply) => {
        const { user, repo, language, stream } = request.body;
        const date = request.body.date ?? new Date().toISOString().slice(0, 10);
        const repositories = repo.map(readChanges);
        const material = {
          user,
          date,
          language,
          repositories,
          domain: "commit" as const,
          summarised: false,
          notes: [],
        };
        const model = models.forTask("til");
        const context = callContext(request, reply);
        if (stream) {
          const prompt = tilPrompt(material, "markdown", promptBudgetTokens);
          return replyWithStream(request, reply, { model, prompt, context, lifecycle });
        }
        const prompt = tilPrompt(material, "json", promptBudgetTokens);
        const { value, ...rest } = await generateStructured(
          model,
          prompt,
          { name: "til", schema: draftSchema },
          context,
        );
        return { user, date, repo: repo.map((item) => item.name), ...value, ...rest };
      },
    );
  }
};
