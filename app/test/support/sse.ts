import { z } from "zod";

const chunkSchema = z.looseObject({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string() }), finish_reason: z.string().nullable() }))
    .optional(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() }).optional(),
  object: z.string().optional(),
  simulated: z.boolean().optional(),
  code: z.string().optional(),
});

/** One server-sent event, taken apart; `data` is undefined for `[DONE]`. */
export interface SseEvent {
  readonly name: string | undefined;
  readonly done: boolean;
  readonly data: z.output<typeof chunkSchema> | undefined;
}

/** The events of a whole event stream. */
export function parseEvents(body: string): SseEvent[] {
  return body
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data") ?? "";
      const done = data === "[DONE]";
      return { name: field("event"), done, data: done ? undefined : chunkSchema.parse(JSON.parse(data)) };
    });
}

/** The text that a stream's chunks make together. */
export function textOfEvents(events: readonly SseEvent[]): string {
  return events.map((event) => event.data?.choices?.[0]?.delta.content ?? "").join("");
}
