import OpenAI from "openai";

const client = new OpenAI();
const messages = [{ role: "user", content: "What does a write-ahead log promise?" }];
const stream = await client.chat.completions.create({ model: "current", messages, stream: true });
for await (const chunk of stream) process.stdout.write(chunk.choices[0].delta.content ?? "");
