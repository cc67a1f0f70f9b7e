import { CALL_ID, type SceneAnswer, TOOL } from "./scenes";

const USAGE = { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 };
export const CREATED = 1_790_000_000;

/** A whole answer as vLLM gives it. */
export function completion(model: string, { text, call }: SceneAnswer) {
  const tool_calls = call === undefined ? [] : [{ id: CALL_ID, type: "function", function: called(call) }];
  const message = { role: "assistant", content: text === "" ? null : text, tool_calls };
  const choices = [{ index: 0, message, finish_reason: call === undefined ? "stop" : "tool_calls", logprobs: null }];
  return { id: "chatcmpl-stub", object: "chat.completion", created: CREATED, model, choices, usage: USAGE };
}

/** One chunk of a streamed answer. */
export function deltaEvent(model: string, delta: unknown, finishReason: string | null = null): string {
  return chunkEvent(model, { choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }] });
}

/** Every chunk of an answer: text word by word, arguments of a call cut in two, and a comment among them. */
export function chunks(model: string, { text, call }: SceneAnswer, usage: boolean): string[] {
  const words = text.match(/\S+\s*/g) ?? [];
  return [
    deltaEvent(model, { role: "assistant", content: "" }),
    ": a comment, which clients skip\n\n",
    ...words.map((content) => deltaEvent(model, { content })),
    ...(call === undefined ? [] : callDeltas(call).map((part) => deltaEvent(model, { tool_calls: [part] }))),
    deltaEvent(model, {}, call === undefined ? "stop" : "tool_calls"),
    ...(usage ? [chunkEvent(model, { choices: [], usage: USAGE })] : []),
    "data: [DONE]\n\n",
  ];
}

export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function chunkEvent(model: string, rest: Readonly<Record<string, unknown>>): string {
  return event({ id: "chatcmpl-stub", object: "chat.completion.chunk", created: CREATED, model, ...rest });
}

function callDeltas(call: string) {
  const half = Math.ceil(call.length / 2);
  return [
    { index: 0, id: CALL_ID, type: "function", function: { ...called(call), arguments: "" } },
    { index: 0, function: { arguments: call.slice(0, half) } },
    { index: 0, function: { arguments: call.slice(half) } },
  ];
}

function called(call: string) {
  return { name: TOOL, arguments: call };
}
