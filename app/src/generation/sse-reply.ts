import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallContext, CompletionStream } from "../engine/engine-client";
import type { Model } from "../engine/model-pool";
import { AppError } from "../errors/app-error";
import { errorBody } from "../errors/error-handler";
import type { Lifecycle } from "../lifecycle";
import type { Prompt } from "../prompts/prompt";

export interface StreamOptions {
  readonly model: Model;
  readonly prompt: Prompt;
  readonly context: CallContext;
  readonly lifecycle: Lifecycle;
  /** Told once, with the seconds from the call to the first text. */
  readonly onFirstToken: (seconds: number) => void;
}

function event(data: unknown, name?: string): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/**
 * Answers with the model's text as server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`. Nothing is
 * sent before the engine's first step, so until then errors are ordinary HTTP answers; after it they are an
 * `event: error`. When the process starts to drain, the stream gets an `event: draining` and goes on to its end.
 * @throws AppError as `EngineClient.stream`, and 429 when the model has no free place
 */
export async function replyWithStream(
  request: FastifyRequest,
  reply: FastifyReply,
  options: StreamOptions,
): Promise<FastifyReply> {
  const { model, prompt, context } = options;
  const started = performance.now();
  const release = model.limit.acquire();
  try {
    const name = await model.name(context);
    const stream = await model.client.stream(name, prompt, context);
    const output = new PassThrough();
    // Not awaited: the reply is sent while the engine still writes.
    void pump(request, output, { ...options, stream, name, started }).finally(release);
    return (
      reply
        .header("content-type", "text/event-stream; charset=utf-8")
        .header("cache-control", "no-cache, no-transform")
        // Tells nginx not to collect the stream.
        .header("x-accel-buffering", "no")
        .send(output)
    );
  } catch (thrown) {
    release();
    throw thrown;
  }
}

interface PumpOptions extends StreamOptions {
  readonly stream: CompletionStream;
  readonly name: string;
  /** `performance.now()` of the request. */
  readonly started: number;
}

/** Copies the engine's steps to the client at the client's pace. Never rejects: what goes wrong becomes an event. */
async function pump(request: FastifyRequest, output: PassThrough, options: PumpOptions): Promise<void> {
  const { stream, name, context, lifecycle } = options;
  const head = {
    id: `chatcmpl-${request.id}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: name,
    simulated: stream.simulated,
  };
  const stopListening = lifecycle.onDraining(() => {
    output.write(event({ code: "DRAINING", request_id: request.id }, "draining"));
  });
  try {
    let waiting = true;
    for await (const delta of stream.deltas) {
      if (waiting && delta.content !== "") {
        waiting = false;
        options.onFirstToken((performance.now() - options.started) / 1000);
      }
      if (delta.content !== "" || delta.finishReason !== null) {
        const choice = { index: 0, delta: { content: delta.content }, finish_reason: delta.finishReason };
        await write(output, event({ ...head, choices: [choice] }), context.signal);
      }
      if (delta.usage !== undefined) {
        await write(output, event({ ...head, choices: [], usage: delta.usage }), context.signal);
      }
    }
    output.end("data: [DONE]\n\n");
  } catch (thrown) {
    const error = thrown instanceof AppError ? thrown : new AppError("INTERNAL_ERROR", { cause: thrown });
    if (context.signal.aborted) request.log.info({ code: "CLIENT_CLOSED_REQUEST" }, "client left the stream");
    else request.log.error({ err: error, code: error.code }, "stream failed");
    output.end(event(errorBody(error, request), "error"));
  } finally {
    stopListening();
  }
}

async function write(output: PassThrough, text: string, signal: AbortSignal): Promise<void> {
  if (output.write(text)) return;
  // A client that reads slowly holds the engine's stream back instead of filling this process's memory.
  await once(output, "drain", { signal });
}
