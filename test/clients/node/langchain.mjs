import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import * as report from "./report.mjs";

const { apiKey, baseURL, model, prompt, untilItRaises } = report;
const configuration = { baseURL };
const chat = new ChatOpenAI({ model, apiKey, configuration });
const once = new ChatOpenAI({ model, apiKey, configuration, maxRetries: 0 });
const weather = tool(() => report.TOOL_RESULT, {
  name: "get_weather",
  description: "Weather",
  schema: report.TOOL_PARAMETERS,
});

function textOf(chunk) {
  return chunk.content;
}

async function streamed(scene) {
  return untilItRaises(await once.stream(prompt(scene)), textOf);
}

await report.run({
  chat: async () => {
    const { content, response_metadata, usage_metadata } = await chat.invoke(prompt("chat"));
    return { text: content, finish: response_metadata.finish_reason, usage: usage_metadata.total_tokens };
  },
  stream: () => streamed("stream"),
  // Sent by default: `stream_options.include_usage`.
  "stream-usage": async () => {
    const usages = [];
    for await (const part of await chat.stream(prompt("usage"))) {
      if (part.usage_metadata !== undefined) usages.push(part.usage_metadata.total_tokens);
    }
    return { usages };
  },
  tools: async () => {
    const asked = new HumanMessage(prompt("tools"));
    const bound = chat.bindTools([weather]);
    const first = await bound.invoke([asked]);
    const [call] = first.tool_calls;
    const result = new ToolMessage({ tool_call_id: call.id, content: await weather.invoke(call.args) });
    const second = await bound.invoke([asked, first, result]);
    return { name: call.name, arguments: call.args, text: second.content };
  },
  "tools-stream": async () => {
    const asked = new HumanMessage(prompt("tools"));
    const bound = chat.bindTools([weather]);
    let first;
    for await (const part of await bound.stream([asked])) first = first === undefined ? part : first.concat(part);
    const [call] = first.tool_calls;
    const result = new ToolMessage({ tool_call_id: call.id, content: await weather.invoke(call.args) });
    const { text } = await untilItRaises(await bound.stream([asked, first, result]), textOf);
    return { name: call.name, arguments: call.args, text };
  },
  json: () => chat.withStructuredOutput(report.CITY_SCHEMA, { method: "jsonSchema" }).invoke(prompt("json")),
  embeddings: async () => {
    const embeddings = new OpenAIEmbeddings({ model: process.env.CLIENT_EMBEDDER, apiKey, configuration });
    const vectors = await embeddings.embedDocuments(["one", "two"]);
    return { vectors: vectors.length, numbers: vectors.every((vector) => vector.every(Number.isFinite)) };
  },
  abort: async () => {
    const controller = new AbortController();
    let words = 0;
    for await (const part of await chat.stream(prompt("abort"), { signal: controller.signal })) {
      if (part.content !== "") words += 1;
      if (words === report.WORDS_READ) break;
    }
    controller.abort();
    return { words };
  },
  broken: () => streamed("broken"),
  full: async () => ({ text: (await chat.invoke(prompt("full"))).content }),
  "wrong-key": () => new ChatOpenAI({ model, apiKey: report.WRONG_KEY, configuration }).invoke(prompt("chat")),
  "too-long": () => once.invoke(prompt("long", report.LONG_TEXT)),
  timeout: () => once.invoke(prompt("slow"), { timeout: report.TIMEOUT_MS }),
});
