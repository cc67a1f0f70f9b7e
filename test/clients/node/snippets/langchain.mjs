import { ChatOpenAI } from "@langchain/openai";

const configuration = { baseURL: process.env.OPENAI_BASE_URL };
const chat = new ChatOpenAI({ model: "current", configuration });
const stream = await chat.stream("What does a write-ahead log promise?");
for await (const chunk of stream) process.stdout.write(chunk.content);
