import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { TASKS } from "../../contract/tasks";
import { adapterNameSchema } from "../../engines/adapters/adapter";
import { errorSchema, generationErrors } from "../../http/errors/schema";
import { identifier } from "../../http/routes/identifier";
import { answeredByFields } from "../shared/answered-by";
import {
  answerFields,
  explainField,
  explainQuery,
  generationCall,
  generationHeaders,
  languageSchema,
  markCache,
  userSchema,
  writtenText,
} from "../shared/generation-options";
import type { TaskParts } from "../shared/task-parts";
import { warningsSchema } from "../shared/warnings";
import type { InterviewSubject } from "./interview-material";
import { type InterviewRequest, questionSchema } from "./interviewer";
import { openInterviewer } from "./open-interviewer";

const levelSchema = z.literal([1, 2, 3]);

const bodySchema = z
  .strictObject({
    user: userSchema,
    til: writtenText.optional().describe("Text that the questions are about"),
    til_id: z
      .uuid()
      .optional()
      .describe("Stored TIL of the user that they are about. With neither, they are about what the user has stored"),
    level: levelSchema.default(2).describe("1 concepts, 2 application, 3 design"),
    category: identifier(100).optional().describe("Field of the questions; a keyword to find stored TILs by"),
    count: z.int().min(1).max(10).default(3),
    adapter: adapterNameSchema
      .optional()
      .describe("LoRA adapter; the user's active one for interviews where it is left out"),
    language: languageSchema,
  })
  .refine(({ til, til_id }) => til === undefined || til_id === undefined, {
    error: "send til or til_id, not both",
    path: ["til_id"],
  })
  .meta({
    // The rule above, for documents. `{ not: {} }` is what nothing matches.
    anyOf: ["til", "til_id"].map((field) => ({ type: "object", properties: { [field]: { not: {} } } })),
    examples: [{ user: "jimin", til: "Redis SET with NX and EX takes a lock that expires.", level: 2, language: "en" }],
  });

const answerSchema = z.object({
  user: z.string(),
  level: levelSchema,
  category: z.string().optional(),
  questions: z.array(
    questionSchema.extend({
      source_ids: z.array(z.string()).describe("Stored TILs that the question rests on, nearest first"),
      similarity: z.number().nullable().describe("Calibrated cosine of question and answer to the nearest text"),
    }),
  ),
  warnings: warningsSchema(["RETRIEVAL_UNAVAILABLE", "CHANGES_TRUNCATED", "FEWER_QUESTIONS", "NOT_COMPARED"]),
  ...answerFields,
  explain: explainField,
});

type Body = z.output<typeof bodySchema>;

function interviewRequest({ til, til_id: id, ...rest }: Body): InterviewRequest {
  return { ...rest, subject: subjectOf(til, id) };
}

function subjectOf(text: string | undefined, id: string | undefined): InterviewSubject {
  if (text !== undefined) return { kind: "text", text };
  return id === undefined ? { kind: "stored" } : { kind: "til", id };
}

/** `POST /interview`: questions with model answers about a TIL, sent along or stored. */
export const interviewRoutes: FastifyPluginAsyncZod<TaskParts> = async (app, parts) => {
  const { degraded } = parts;
  const interviewer = openInterviewer(parts, app.log);
  app.post(
    TASKS.interview.path,
    {
      schema: {
        tags: ["generation"],
        summary: "Make interview questions from a TIL",
        headers: generationHeaders("interview"),
        querystring: explainQuery,
        body: bodySchema,
        response: {
          200: answerSchema.describe("The questions"),
          404: errorSchema.describe("No such stored TIL of this user, or none at all"),
          ...generationErrors,
        },
      },
    },
    async (request, reply) => {
      const { user, level, category } = request.body;
      const asked = interviewRequest(request.body);
      // Questions should differ from call to call.
      markCache(reply, "bypass");
      const simple = degraded.decision("interview", request.priority) === "simple";
      const interview = simple
        ? await interviewer.simple(asked)
        : await interviewer.ask(asked, generationCall(request, reply));
      const { questions, warnings, usage, explain } = interview;
      return {
        user,
        level,
        ...(category !== undefined && { category }),
        questions: questions.map((question) => ({ ...question, source_ids: [...question.source_ids] })),
        warnings: [...warnings],
        usage,
        ...answeredByFields(interview),
        ...(request.query.explain === "true" && { explain }),
      };
    },
  );
};
