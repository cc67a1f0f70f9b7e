import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import * as report from "./report.mjs";

const { apiKey, baseURL, prompt } = report;

function provider(key) {
  return createOpenAICompatible({
    name: "terrace",
    baseURL,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
}

const terrace = provider(apiKey);
const model = terrace(report.model);
const TOOLS = {
  get_weather: tool({
    description: "Weather",
    inputSchema: jsonSchema(report.TOOL_PARAMETERS),
    execute: async () => report.TOOL_RESULT,
  }),
};
/** Errors of a stream are parts of it; without this they are printed. */
const onError = () => {};

async function streamed(scene) {
  const { fullStream } = streamText({ model, prompt: prompt(scene), maxRetries: 0, onError });
  return report.untilItRaises(fullStream, textOf);
}

function textOf(part) {
  if (part.type === "error") throw part.error instanceof Error ? part.error : Object.assign(new Error(), part.error);
  return part.type === "text-delta" ? part.text : "";
}

/** A call of the tool, its result, and what the model made of it. */
function rounds([first], text) {
  const [call] = first.toolCalls;
  return { name: call.toolName, arguments: call.input, text };
}

await report.run({
  chat: async () => {
    const { text, finishReason, usage } = await generateText({ model, prompt: prompt("chat") });
    return { text, finish: finishReason, usage: usage.totalTokens };
  },
  stream: () => streamed("stream"),
  "stream-usage": async () => {
    const result = streamText({ model, prompt: prompt("usage"), onError });
    await result.consumeStream();
    return { usages: [(await result.totalUsage).totalTokens] };
  },
  tools: async () => {
    const { steps, text } = await generateText({
      model,
      prompt: prompt("tools"),
      tools: TOOLS,
      stopWhen: stepCountIs(2),
    });
    return rounds(steps, text);
  },
  "tools-stream": async () => {
    const result = streamText({ model, prompt: prompt("tools"), tools: TOOLS, stopWhen: stepCountIs(2), onError });
    await result.consumeStream();
    return rounds(await result.steps, await result.text);
  },
  json: async () => {
    const output = Output.object({ schema: jsonSchema(report.CITY_SCHEMA) });
    return (await generateText({ model, prompt: prompt("json"), output })).output;
  },
  embeddings: async () => {
    const embedder = terrace.embeddingModel(process.env.CLIENT_EMBEDDER);
    const { embeddings } = await embedMany({ model: embedder, values: ["one", "two"] });
    return { vectors: embeddings.length, numbers: embeddings.every((vector) => vector.every(Number.isFinite)) };
  },
  abort: async () => {
    const controller = new AbortController();
    const { textStream } = streamText({ model, prompt: prompt("abort"), abortSignal: controller.signal, onError });
    let words = 0;
    for await (const text of textStream) {
      if (text !== "") words += 1;
      if (words === report.WORDS_READ) break;
    }
    controller.abort();
    return { words };
  },
  broken: () => streamed("broken"),
  full: async () => ({ text: (await generateText({ model, prompt: prompt("full") })).text }),
  "wrong-key": () => generateText({ model: provider(report.WRONG_KEY)(report.model), prompt: prompt("chat") }),
  "too-long": () => generateText({ model, prompt: prompt("long", report.LONG_TEXT), maxRetries: 0 }),
  timeout: () =>
    generateText({
      model,
      prompt: prompt("slow"),
      maxRetries: 0,
      abortSignal: AbortSignal.timeout(report.TIMEOUT_MS),
    }),
});
