import { z } from "zod";

const saidSchema = z.object({
  text: z.string(),
  /** Events, `[DONE]` included. */
  events: z.number(),
  completionTokens: z.number(),
});

/** Text and size of an answer. */
export type Said = z.output<typeof saidSchema>;

/** What the load generator is to do. */
export const loadOrderSchema = z.object({
  port: z.number(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** Each with one request at a time. */
  connections: z.number(),
  seconds: z.number(),
  /** What every answer must be. @default as the first one */
  expected: saidSchema.optional(),
});

export type LoadOrder = z.input<typeof loadOrderSchema>;

/** The generator's figures. */
export const loadFiguresSchema = z.object({
  requests: z.number(),
  seconds: z.number(),
  /** Milliseconds to the first event, and to the end, of each request. */
  firstMs: z.array(z.number()),
  totalMs: z.array(z.number()),
  said: saidSchema,
});

export type LoadFigures = z.output<typeof loadFiguresSchema>;
