import { z } from "zod";
import type { SimulatorOptions } from "../src/options";
import { buildSimulator } from "../src/simulator-server";

/** A simulator that listens, by default without delays and under the model name "m". */
export async function startSimulator(options: Partial<SimulatorOptions> = {}) {
  const simulator = buildSimulator({ speed: 0, model: "m", ...options });
  const url = await simulator.listen({ port: 0, host: "127.0.0.1" });
  const send = (method: string, path: string, body?: unknown, init: RequestInit = {}) =>
    fetch(url + path, {
      method,
      ...init,
      headers: { "content-type": "application/json", ...init.headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    simulator,
    url,
    get: (path: string, init?: RequestInit) => fetch(url + path, init),
    post: (path: string, body: unknown, init?: RequestInit) => send("POST", path, body, init),
    delete: (path: string) => send("DELETE", path),
    chat: (body: object, init?: RequestInit) => send("POST", "/v1/chat/completions", { model: "m", ...body }, init),
    close: () => simulator.close(),
  };
}

export const MESSAGES = [{ role: "user", content: "The cache is fast. The cache is small. Nothing else matters." }];

const usageSchema = z.strictObject({
  prompt_tokens: z.int().min(1),
  total_tokens: z.int().min(1),
  completion_tokens: z.int().min(0),
  prompt_tokens_details: z.strictObject({ cached_tokens: z.int().min(0) }).nullish(),
});

const finish = {
  finish_reason: z.enum(["stop", "length"]),
  stop_reason: z.string().nullable(),
  token_ids: z.null(),
};

/** A chat's answer as vLLM documents it, with nothing else in it. */
export const chatAnswerSchema = z.strictObject({
  id: z.string().startsWith("chatcmpl-"),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.tuple([
    z.strictObject({
      index: z.literal(0),
      message: z.strictObject({
        role: z.literal("assistant"),
        content: z.string(),
        refusal: z.null(),
        annotations: z.null(),
        audio: z.null(),
        function_call: z.null(),
        tool_calls: z.array(z.never()),
        reasoning: z.null(),
      }),
      logprobs: z.null(),
      ...finish,
    }),
  ]),
  service_tier: z.null(),
  system_fingerprint: z.literal("terrace-simulator"),
  usage: usageSchema,
  prompt_logprobs: z.null(),
  prompt_token_ids: z.null(),
  kv_transfer_params: z.null(),
});

export const completionAnswerSchema = z.strictObject({
  id: z.string().startsWith("cmpl-"),
  object: z.literal("text_completion"),
  created: z.int(),
  model: z.string(),
  choices: z.tuple([
    z.strictObject({
      index: z.literal(0),
      text: z.string(),
      prompt_logprobs: z.null(),
      prompt_token_ids: z.null(),
      logprobs: z.null(),
      ...finish,
    }),
  ]),
  service_tier: z.null(),
  system_fingerprint: z.literal("terrace-simulator"),
  usage: usageSchema,
  kv_transfer_params: z.null(),
});

const chunkSchema = z.strictObject({
  id: z.string(),
  object: z.enum(["chat.completion.chunk", "text_completion"]),
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.literal("terrace-simulator").optional(),
  choices: z.array(
    z.strictObject({
      index: z.literal(0),
      delta: z.strictObject({ role: z.literal("assistant").optional(), content: z.string() }).optional(),
      text: z.string().optional(),
      logprobs: z.null(),
      finish_reason: z.enum(["stop", "length"]).nullable(),
      stop_reason: z.string().nullable().optional(),
      token_ids: z.null().optional(),
    }),
  ),
  prompt_token_ids: z.null().optional(),
  usage: usageSchema.optional(),
});

export type Chunk = z.output<typeof chunkSchema>;

/** The chunks of a stream that ended as it should. */
export function chunksOf(stream: string): Chunk[] {
  const events = stream.split("\n\n");
  if (events.pop() !== "" || events.pop() !== "data: [DONE]") throw new Error(`no end: ${stream.slice(-200)}`);
  return events.map((event) => chunkSchema.parse(JSON.parse(event.replace(/^data: /, ""))));
}

export function textOfChunks(chunks: readonly Chunk[]): string {
  return chunks.flatMap(({ choices }) => choices.map(({ delta, text }) => delta?.content ?? text ?? "")).join("");
}

/** vLLM's form of an error. */
export const vllmErrorSchema = z.strictObject({
  error: z.strictObject({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.int() }),
});

/** Reads an answer's error. */
export async function errorOf(response: Response) {
  const { error } = vllmErrorSchema.parse(await response.json());
  return { status: response.status, ...error };
}

/** The text of a chat's whole answer. */
export async function contentOf(response: Response): Promise<string> {
  return chatAnswerSchema.parse(await response.json()).choices[0].message.content;
}
