import OpenAI from "openai";
import * as report from "./report.mjs";

const { apiKey, baseURL, model, prompt, untilItRaises } = report;
const client = new OpenAI({ apiKey, baseURL });
const once = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
const TOOLS = [
  { type: "function", function: { name: "get_weather", description: "Weather", parameters: report.TOOL_PARAMETERS } },
];

function user(scene, text) {
  return [{ role: "user", content: prompt(scene, text) }];
}

/** The loop of OpenAI's own README, without a guard. */
function contentOf(chunk) {
  return chunk.choices[0].delta.content ?? "";
}

async function streamed(scene) {
  const stream = await once.chat.completions.create({ model, messages: user(scene), stream: true });
  return untilItRaises(stream, contentOf);
}

await report.run({
  chat: async () => {
    const { choices, usage } = await client.chat.completions.create({ model, messages: user("chat") });
    return { text: choices[0].message.content, finish: choices[0].finish_reason, usage: usage.total_tokens };
  },
  stream: () => streamed("stream"),
  "stream-usage": async () => {
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({
      model,
      messages: user("usage"),
      stream: true,
      stream_options,
    });
    const usages = [];
    for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage.total_tokens);
    return { usages };
  },
  tools: async () => {
    const messages = user("tools");
    const first = await client.chat.completions.create({ model, messages, tools: TOOLS });
    const { message } = first.choices[0];
    const [call] = message.tool_calls;
    messages.push(message, { role: "tool", tool_call_id: call.id, content: report.TOOL_RESULT });
    const second = await client.chat.completions.create({ model, messages, tools: TOOLS });
    const { name, arguments: given } = call.function;
    return { name, arguments: JSON.parse(given), text: second.choices[0].message.content };
  },
  "tools-stream": async () => {
    const messages = user("tools");
    const first = await client.chat.completions.stream({ model, messages, tools: TOOLS }).finalChatCompletion();
    const { message } = first.choices[0];
    const [call] = message.tool_calls;
    messages.push(message, { role: "tool", tool_call_id: call.id, content: report.TOOL_RESULT });
    const stream = await client.chat.completions.create({ model, messages, tools: TOOLS, stream: true });
    const { text } = await untilItRaises(stream, contentOf);
    const { name, arguments: given } = call.function;
    return { name, arguments: JSON.parse(given), text };
  },
  json: async () => {
    const json_schema = { name: "weather", strict: true, schema: report.CITY_SCHEMA };
    const response_format = { type: "json_schema", json_schema };
    const { choices } = await client.chat.completions.create({ model, messages: user("json"), response_format });
    return JSON.parse(choices[0].message.content);
  },
  embeddings: async () => {
    const { data } = await client.embeddings.create({ model: process.env.CLIENT_EMBEDDER, input: ["one", "two"] });
    return { vectors: data.length, numbers: data.every(({ embedding }) => embedding.every(Number.isFinite)) };
  },
  models: async () => {
    const ids = [];
    for await (const listed of client.models.list()) ids.push(listed.id);
    return { ids };
  },
  abort: async () => {
    const stream = await client.chat.completions.create({ model, messages: user("abort"), stream: true });
    let words = 0;
    for await (const chunk of stream) {
      if (contentOf(chunk) !== "") words += 1;
      if (words === report.WORDS_READ) break;
    }
    return { words };
  },
  broken: () => streamed("broken"),
  full: async () => {
    const { choices } = await client.chat.completions.create({ model, messages: user("full") });
    return { text: choices[0].message.content };
  },
  "wrong-key": async () => {
    const stranger = new OpenAI({ apiKey: report.WRONG_KEY, baseURL });
    await stranger.chat.completions.create({ model, messages: user("chat") });
  },
  "too-long": () => once.chat.completions.create({ model, messages: user("long", report.LONG_TEXT) }),
  timeout: () => once.chat.completions.create({ model, messages: user("slow") }, { timeout: report.TIMEOUT_MS }),
});
