import { z } from "zod";
import { errorSchema } from "../errors/schema";

/** Announces that the instance leaves, see `EventStream.draining`. */
const drainingSchema = z
  .object({
    code: z.literal("DRAINING"),
    resume: z.literal("repeat").describe("Where the answer breaks off, the same request may be sent again"),
    request_id: z.string(),
    cut_at: z.string().nullable().describe("When the stream ends if it is not over; null: not before it is"),
  })
  .meta({ id: "DrainingNotice" });

/** The end of a stream that is complete. */
const DONE = z.object({ event: z.literal("message").optional(), data: z.literal("[DONE]") });

/**
 * One event of a stream. OpenAPI 3.1 has no word for a sequence: as in OpenAI's own document, `schema` is that of each event, which
 * https://spec.openapis.org/registry/media-type/sse models as an object of its fields.
 * @param message data of the events without a name
 * @param named data of the others, by name
 * Each is a component of the document: it has an id.
 */
export function eventSchema(message: z.ZodType, named: Readonly<Record<string, z.ZodType>> = {}) {
  const all = { ...named, draining: drainingSchema, error: errorSchema };
  const events = Object.entries(all).map(([name, data]) => z.object({ event: z.literal(name), data: jsonText(data) }));
  const unnamed = z.object({ event: z.literal("message").optional(), data: jsonText(message) });
  return z
    .union([unnamed, DONE, ...events])
    .describe("With `stream: true`: one server-sent event, its name `message` where it has none. `[DONE]` is the last");
}

/** A text that holds JSON. `contentSchema` is for readers and generators of clients; validators leave it out. */
function jsonText(component: z.ZodType) {
  const { id } = component.meta() ?? {};
  if (id === undefined) throw new Error("data of an event needs an id, by which the document refers to it");
  return z.string().meta({
    contentMediaType: "application/json",
    contentSchema: { $ref: `#/components/schemas/${id}` },
  });
}
