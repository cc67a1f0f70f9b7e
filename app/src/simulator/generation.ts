import type { Gpu } from "./gpu";
import { readMaterial } from "./material";
import type { ChatBody } from "./requests";
import { answerBySchema, plainAnswer } from "./schema-answer";
import type { SimulatorMetrics } from "./simulator-metrics";
import { countTokens, toTokens } from "./timing";

/** Tokens of an answer whose request sets no limit. vLLM would use the rest of the context. */
const DEFAULT_MAX_TOKENS = 1_024;

/** What is generated for one request, worked out beforehand; only its timing is simulated. */
export interface Plan {
  readonly promptTokens: number;
  readonly tokens: readonly string[];
  readonly finishReason: "stop" | "length";
}

/** The answer to a chat request. */
export function planChat(body: ChatBody): Plan {
  const of = (role: string) =>
    body.messages.filter((message) => message.role === role).map((message) => message.content);
  // The first user turn holds the material; a repair turn after it only asks for the same again.
  const material = readMaterial(of("system").join("\n"), of("user")[0] ?? "");
  const format = body.response_format;
  const answer =
    format?.type === "json_schema"
      ? JSON.stringify(answerBySchema(format.json_schema.schema, material))
      : format?.type === "json_object"
        ? JSON.stringify({ answer: plainAnswer(material) })
        : plainAnswer(material);
  const prompt = body.messages.map((message) => message.content).join("\n");
  return plan(prompt, answer, body.max_completion_tokens ?? body.max_tokens);
}

/** The continuation of a bare prompt. */
export function planCompletion(prompt: string, maxTokens: number | null | undefined): Plan {
  return plan(prompt, plainAnswer(readMaterial("", prompt)), maxTokens);
}

function plan(prompt: string, answer: string, maxTokens: number | null | undefined): Plan {
  const tokens = toTokens(answer);
  const limit = maxTokens ?? DEFAULT_MAX_TOKENS;
  return {
    promptTokens: countTokens(prompt),
    tokens: tokens.slice(0, limit),
    finishReason: tokens.length > limit ? "length" : "stop",
  };
}

/** Usage of a finished plan, in OpenAI's shape. */
export function usageOf({ promptTokens, tokens }: Plan) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
}

/** The plan's tokens, each when the GPU would have it, counted in the metrics. */
export async function* run(
  plan: Plan,
  gpu: Gpu,
  metrics: SimulatorMetrics,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const started = performance.now();
  let last = started;
  metrics.prompt(plan.promptTokens);
  for await (const index of gpu.generate(plan.promptTokens, plan.tokens.length, signal)) {
    const now = performance.now();
    metrics.token(index === 0, (now - last) / 1000);
    last = now;
    yield plan.tokens[index] ?? "";
  }
  metrics.finished(plan.finishReason, (performance.now() - started) / 1000);
}
