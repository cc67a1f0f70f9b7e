import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";

const { OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey } = process.env;
const terrace = createOpenAICompatible({ name: "terrace", baseURL, apiKey });
const { textStream } = streamText({ model: terrace("current"), prompt: "What does a write-ahead log promise?" });
for await (const text of textStream) process.stdout.write(text);
