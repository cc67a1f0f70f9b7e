import { z } from "zod";

/** Every error answer of the gateway: FastAPI's `detail`, with a code for programs and the request's id. */
export const errorSchema = z
  .object({
    detail: z
      .union([
        z.string(),
        z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })),
      ])
      .describe(
        "A sentence in Korean or English by `Accept-Language`; for 422 one entry for each wrong field, at most 20",
      ),
    code: z.string().describe("Stable name of the error, UPPER_SNAKE"),
    request_id: z.string().describe("Equal to the `X-Request-Id` header"),
  })
  .meta({ id: "Error" });

/** Error answers that every generation route may give, for its OpenAPI entry; those that any route may give are added to it. */
export const generationErrors = {
  429: errorSchema.describe("The model or the engine is full; see Retry-After"),
  502: errorSchema.describe("The engine's answer could not be used"),
  503: errorSchema.describe("The engine cannot be reached, or this instance is draining; see Retry-After"),
  504: errorSchema.describe("The engine did not answer in time"),
} as const;
