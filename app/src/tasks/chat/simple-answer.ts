import type { FastifyRequest } from "fastify";
import { NO_USAGE } from "../../engines/client/protocol";
import type { EventSource } from "../../http/streams/event-stream";
import { preferredLanguage } from "../../shared/errors/language";

/** A degraded instance's answer in a model's place, in the language that the client prefers. */
const SIMPLE = {
  en: "Only the most important requests reach a model at the moment. Please send your message again in a few minutes.",
  ko: "지금은 가장 중요한 요청만 모델에 전달됩니다. 몇 분 뒤에 메시지를 다시 보내 주세요.",
} as const;

function simpleText(request: FastifyRequest): string {
  return SIMPLE[preferredLanguage(request.headers["accept-language"])];
}

/** An answer of OpenAI's shape that no model gave. */
export function simpleCompletion(request: FastifyRequest, created: number) {
  const message = { role: "assistant" as const, content: simpleText(request) };
  return {
    id: `chatcmpl-${request.id}`,
    object: "chat.completion" as const,
    created,
    model: null,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: NO_USAGE,
    simulated: false,
    fallback: false,
    degraded: true,
  };
}

/** The same as a stream of one chunk. */
export function simpleEvents(request: FastifyRequest, created: number): EventSource {
  const chunk = {
    id: `chatcmpl-${request.id}`,
    object: "chat.completion.chunk",
    created,
    model: null,
    degraded: true,
    choices: [{ index: 0, delta: { role: "assistant", content: simpleText(request) }, finish_reason: "stop" }],
  };
  return {
    write: async (events) => {
      await events.send(chunk);
      events.done();
    },
  };
}
