import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { TASKS } from "../../contract/tasks";
import { adapterNameSchema } from "../../engines/adapters/adapter";
import { generationErrors } from "../../http/errors/schema";
import type { Passage } from "../../retrieval/passage";
import { inTurns } from "../../shared/turns";
import { answeredByFields } from "../shared/answered-by";
import { completionEvents } from "../shared/completion-events";
import {
  explainQuery,
  generationCall,
  generationHeaders,
  jsonOrStream,
  languageSchema,
  markCache,
  streamSchema,
  userSchema,
  writtenText,
} from "../shared/generation-options";
import type { TaskParts } from "../shared/task-parts";
import { addUsage } from "../shared/usage";
import { readChanges } from "./changes/read-changes";
import { openTilWriter } from "./open-til-writer";
import type { TilRequest } from "./prepare-til";
import { TIL_DOMAINS } from "./prompts/til-prompts";
import { TIL_EVENTS, tilSchema } from "./til-answer-schema";
import { repositorySchema } from "./til-repository-schema";
import type { OpenedTil, TilHead, WrittenTil } from "./til-writer";

const bodySchema = z
  .strictObject({
    user: userSchema,
    date: z.iso.date().optional().describe("Day that the TIL is about; today (UTC) where it is left out"),
    repo: z.array(repositorySchema).min(1).max(50).optional().describe("Of domain commit: what changed, by repository"),
    title: z.string().max(500).optional().describe("Of the other domains: title of the text"),
    text: writtenText.optional().describe("Of the other domains: the paper or the notes"),
    domain: z
      .enum(TIL_DOMAINS)
      .default("commit")
      .describe("Kind of material; each has adapters and stored notes of its own"),
    adapter: adapterNameSchema
      .optional()
      .describe("LoRA adapter; the user's active one for the domain where it is left out"),
    language: languageSchema,
    stream: streamSchema,
  })
  .superRefine(({ domain, repo, text, title }, context) => {
    const needed = domain === "commit" ? "repo" : "text";
    if ((domain === "commit" ? repo : text) === undefined) {
      context.addIssue({
        code: "invalid_type",
        expected: domain === "commit" ? "array" : "string",
        path: [needed],
        input: undefined,
      });
    }
    const foreign = domain === "commit" ? { text, title } : { repo };
    for (const [field, value] of Object.entries(foreign)) {
      if (value !== undefined) context.addIssue({ code: "custom", message: `not for domain ${domain}`, path: [field] });
    }
  })
  .meta({
    // The rules above, for documents. `{ not: {} }` is what nothing matches.
    anyOf: [
      {
        type: "object",
        properties: { domain: { const: "commit" }, repo: { type: "array" }, text: { not: {} }, title: { not: {} } },
        required: ["repo"],
      },
      {
        type: "object",
        properties: {
          domain: { enum: TIL_DOMAINS.filter((domain) => domain !== "commit") },
          text: { type: "string" },
          repo: { not: {} },
        },
        required: ["domain", "text"],
      },
    ],
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

type Body = z.output<typeof bodySchema>;

async function tilRequest({ user, date, domain, language, repo, title, text, adapter }: Body): Promise<TilRequest> {
  return {
    user,
    domain,
    language,
    adapter,
    date: date ?? new Date().toISOString().slice(0, 10),
    repositories: await inTurns(readChanges(repo ?? [])),
    text: text === undefined ? undefined : { title, body: text },
  };
}

function sources(passages: readonly Passage[]) {
  return passages.map(({ id, score, metadata: { title, date } }) => ({ id, title, date, score }));
}

/** Fields of an answer that are known before its text. */
function headFields(head: Omit<TilHead, "id" | "usage" | "warnings">, explain: boolean) {
  return {
    ...answeredByFields(head),
    sources: sources(head.sources),
    skipped: [...head.skipped],
    redacted: head.redacted,
    ...(explain && { explain: head.explain }),
  };
}

/** `POST /til` and, by the name of R-38, `POST /generate_til`. */
export const tilRoutes: FastifyPluginAsyncZod<TaskParts> = async (app, parts) => {
  const { degraded, streams } = parts;
  const tilWriter = openTilWriter(parts, app.log);

  function answer(body: Body, request: TilRequest, written: WrittenTil, explain: boolean) {
    const { id, title, content, keywords, warnings, usage } = written;
    return {
      id,
      user: body.user,
      date: request.date,
      domain: body.domain,
      repo: (body.repo ?? []).map(({ name }) => name),
      title,
      content,
      keywords,
      warnings: [...warnings],
      usage,
      ...headFields(written, explain),
    };
  }

  function stream(request: FastifyRequest, reply: FastifyReply, opened: OpenedTil, explain: boolean) {
    const { id, warnings, usage } = opened;
    const events = completionEvents({
      requestId: request.id,
      stream: opened.stream,
      leading: [{ name: "sources", data: { id, warnings, ...headFields(opened, explain) } }],
      finish: async ({ text, usage: used, truncated }) => {
        const kept = await opened.finish(text, truncated);
        const data = { ...kept, warnings: [...warnings, ...kept.warnings], usage: addUsage(usage, used) };
        return [{ name: "stored", data }];
      },
    });
    return streams.answer(request, reply, events);
  }

  for (const url of [TASKS.til.path, TASKS.til.aliases[0]]) {
    app.post(
      url,
      {
        schema: {
          tags: ["generation"],
          summary:
            url === TASKS.til.path
              ? "Write a TIL from a day's commits, a paper or notes"
              : `The same as ${TASKS.til.path}`,
          headers: generationHeaders("til"),
          querystring: explainQuery,
          body: bodySchema,
          response: { 200: jsonOrStream(tilSchema, "The TIL", TIL_EVENTS), ...generationErrors },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const explain = request.query.explain === "true";
        const asked = await tilRequest(body);
        // Kept under an id of its own each time, and at a temperature at which two texts differ on purpose.
        markCache(reply, "bypass");
        const simple = degraded.decision("til", request.priority) === "simple";
        if (simple) return answer(body, asked, await tilWriter.simple(asked), explain);
        const call = generationCall(request, reply);
        if (!body.stream) return answer(body, asked, await tilWriter.write(asked, call), explain);
        return stream(request, reply, await tilWriter.open(asked, call), explain);
      },
    );
  }
};
