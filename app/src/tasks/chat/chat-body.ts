import { z } from "zod";
import type { ChatMessage } from "../../engines/client/protocol";

/** The name of the model that answers chats at the moment. */
export const CURRENT_MODEL = "current";

/** Source: R-66. */
const DEFAULT_TEMPERATURE = 0.7;

const messageSchema = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string().min(1),
});

/** The chat templates of Gemma and Mistral refuse any other order, and an engine then answers 400. */
function takeTurns(messages: readonly ChatMessage[]): boolean {
  const first = messages[0]?.role === "system" ? 1 : 0;
  for (let index = first; index < messages.length; index += 1) {
    const turn = (index - first) % 2 === 0 ? "user" : "assistant";
    if (messages[index]?.role !== turn) return false;
  }
  return messages.at(-1)?.role === "user";
}

/** The body of a chat. @param streams default of `stream` */
export function chatBody(streams: boolean) {
  return z
    .strictObject({
      model: z
        .string()
        .min(1)
        .max(200)
        .default(CURRENT_MODEL)
        .describe("`current`, or the name of a model of `/api/models`"),
      messages: z
        .array(messageSchema)
        .min(1)
        .max(1_000)
        .refine(takeTurns, {
          error: "an optional system message, then user and assistant in turn, the user's last",
        })
        .describe("An optional system message, then user and assistant in turn, the user's last"),
      temperature: z.number().min(0).max(2).default(DEFAULT_TEMPERATURE),
      max_tokens: z.int().min(1).max(8_192).optional().describe("Tokens of the answer; 1,024 where it is left out"),
      stream: z
        .boolean()
        .default(streams)
        .describe("Answer with server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`"),
    })
    .meta({ examples: [{ messages: [{ role: "user", content: "What does a write-ahead log promise?" }] }] });
}

export type ChatBody = z.output<ReturnType<typeof chatBody>>;
