import { z } from "zod";
import { engineBadReply } from "../../engines/client/engine-errors";
import { type Answerer, type ChatMessage, type ChatRequest, NO_USAGE, type Usage } from "../../engines/client/protocol";
import { withoutReasoning } from "../../engines/client/reasoning";
import type { GenerationCall, TaskModel } from "../../engines/client/task-model";
import { extractJson } from "./extract-json";
import type { GenerationMode } from "./generate";
import type { Prompt } from "./prompts/prompt";
import { addUsage } from "./usage";

export interface StructuredAnswer<T> extends Answerer {
  readonly value: T;
  /** Of every attempt together. */
  readonly usage: Usage;
}

/** The first answer and one repair: a model that misses the shape twice will miss it again. */
const ATTEMPTS = 2;

/** How much longer the second answer may be where the first was cut off at its last token. */
const LONGER = 2;

/** The JSON shape of an answer. */
interface AnswerShape<T extends z.ZodType> {
  readonly name: string;
  readonly schema: T;
}

/**
 * An answer of the given shape. The engine is given the JSON schema to decode under; an answer that still misses it is
 * sent back once with its errors, and one that was cut off may be longer the second time.
 * The mode throws AppError 502 when the second answer misses the shape too, and as `TaskModel.complete`.
 */
export function structured<T extends z.ZodType>(shape: AnswerShape<T>): GenerationMode<StructuredAnswer<z.output<T>>> {
  return (model, prompt, call) => complete(shape, model, prompt, call);
}

async function complete<T extends z.ZodType>(
  shape: AnswerShape<T>,
  model: TaskModel,
  prompt: Prompt,
  call: GenerationCall,
): Promise<StructuredAnswer<z.output<T>>> {
  const responseSchema = { name: shape.name, schema: z.toJSONSchema(shape.schema) };
  const { temperature } = prompt;
  let { messages, maxTokens } = prompt;
  let usage: Usage = NO_USAGE;
  let problem = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const request: ChatRequest = { messages, maxTokens, temperature, responseSchema };
    const { content: written, usage: used, finishReason, ...answerer } = await model.complete(request, call);
    const content = withoutReasoning(written);
    usage = addUsage(usage, used);
    const result = shape.schema.safeParse(extractJson(content));
    if (result.success) return { value: result.data, usage, ...answerer };
    const cutOff = finishReason === "length";
    problem = cutOff ? `It was cut off after ${maxTokens} tokens. Write much less.` : z.prettifyError(result.error);
    // What was cut off is not shown again: it would only take the place of the longer answer.
    messages = [...prompt.messages, ...repairTurn(cutOff ? "" : content, problem)];
    if (cutOff) maxTokens *= LONGER;
  }
  throw engineBadReply(new Error(`the answer does not match ${shape.name} after a repair: ${problem}`));
}

/** Characters of a wrong answer that are shown to the model again; the rest would only cost prompt tokens. */
const SHOWN_CHARS = 4_000;

function repairTurn(content: string, problem: string): ChatMessage[] {
  return [
    // Chat templates want the roles to alternate, also where there is nothing to show.
    { role: "assistant", content: content.slice(0, SHOWN_CHARS) || "{" },
    {
      role: "user",
      content: `That is not the JSON object that was asked for:\n${problem}\nPrint the corrected JSON object and nothing else.`,
    },
  ];
}
