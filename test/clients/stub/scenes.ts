import { z } from "zod";

/** What the stub reads of a chat; it lets everything else pass. */
export const chatSchema = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })).min(1),
});

export type Chat = z.output<typeof chatSchema>;

/** What an answer says, or calls. */
export interface SceneAnswer {
  readonly text: string;
  /** Arguments of the call of `get_weather`, as JSON. @default it calls nothing */
  readonly call?: string;
}

export const CALL_ID = "call_weather_1";
export const TOOL = "get_weather";

const GREETING: SceneAnswer = { text: "Hello from the engine stub, word by word." };

/**
 * The last user message names the scene and the client before a colon, `tools python: How is the weather?`, because all
 * clients share one stub.
 */
export function sceneOf({ messages }: Chat): { readonly scene: string; readonly client: string } {
  const asked = messages.findLast(({ role }) => role === "user");
  const [scene = "", client = ""] = textOf(asked?.content).split(":", 1)[0]?.split(" ") ?? [];
  return { scene, client };
}

/** An answer by what the chat offers: the first turn calls a tool, the one after its result speaks. */
export function answerOf(chat: Chat): SceneAnswer {
  const last = chat.messages.at(-1);
  if (last?.role === "tool") return { text: `The tool said: ${textOf(last.content)}` };
  if (chat.tools?.some((tool) => tool.function.name === TOOL)) return { text: "", call: '{"city":"Seoul"}' };
  if (chat.response_format?.type === "json_schema") return { text: '{"city":"Seoul","celsius":21}' };
  return GREETING;
}

/** Texts of clients come as one string or in parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return z
    .array(z.looseObject({ text: z.string() }))
    .parse(content)
    .map(({ text }) => text)
    .join("");
}
