import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type CompletionStream, NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { Lifecycle } from "../../operations/lifecycle";
import { AppError } from "../../shared/errors/app-error";
import { errorBody } from "../errors/error-handler";

/** A server-sent event of ours among the model's chunks. */
export interface NamedEvent {
  readonly name: string;
  readonly data: unknown;
}

export interface StreamOptions {
  /** The model's answer, its first step already here. */
  readonly stream: CompletionStream;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly lifecycle: Lifecycle;
  /** Sent before the first chunk. @default none */
  readonly leading?: readonly NamedEvent[];
  /**
   * What is to be done with the complete text, and said about it before `[DONE]`. Not called for an answer that broke
   * off. @default nothing
   */
  readonly finish?: (text: string, usage: Usage) => Promise<readonly NamedEvent[]>;
}

function event(data: unknown, name?: string): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/**
 * Answers with the model's text as server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`. What fails
 * from here on is an `event: error`. When the process starts to drain, the stream gets an `event: draining` with the
 * time of the cut, and goes on to its end; where it is not over by then, it ends with an `event: error` of code
 * `DRAINING`.
 */
export function replyWithStream(request: FastifyRequest, reply: FastifyReply, options: StreamOptions): FastifyReply {
  const output = new PassThrough();
  // Not awaited: the reply is sent while the engine still writes.
  void pump(request, output, options);
  return (
    reply
      .header("content-type", "text/event-stream; charset=utf-8")
      .header("cache-control", "no-cache, no-transform")
      // Tells nginx not to collect the stream.
      .header("x-accel-buffering", "no")
      .send(output)
  );
}

/**
 * What a client may do about an answer that may break off: `repeat` sends the same request again, which loses nothing,
 * because an answer is stored only when it is complete.
 */
const leaving = { code: "DRAINING", resume: "repeat" } as const;

/** @returns a function that takes both listeners away */
function onLeaving(
  lifecycle: Lifecycle,
  listeners: { readonly draining: (cutAt: string | null) => void; readonly cut: () => void },
): () => void {
  const stopDraining = lifecycle.onDraining(({ cutAt }) => {
    listeners.draining(cutAt === undefined ? null : new Date(cutAt).toISOString());
  });
  const stopCut = lifecycle.onCut(listeners.cut);
  return () => {
    stopDraining();
    stopCut();
  };
}

/** Copies the engine's steps to the client at the client's pace. Never rejects: what goes wrong becomes an event. */
async function pump(request: FastifyRequest, output: PassThrough, options: StreamOptions): Promise<void> {
  const { stream, signal, lifecycle, leading = [], finish } = options;
  const head = {
    id: `chatcmpl-${request.id}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: stream.model,
    simulated: stream.simulated,
  };
  const end = (error: AppError) => {
    request.work?.fail();
    if (!output.writableEnded) output.end(event(errorBody(error, request), "error"));
  };
  const stopListening = onLeaving(lifecycle, {
    draining: (cutAt) => output.write(event({ ...leaving, request_id: request.id, cut_at: cutAt }, "draining")),
    cut: () => end(new AppError("DRAINING")),
  });
  let text = "";
  let usage = NO_USAGE;
  try {
    for (const { name, data } of leading) output.write(event(data, name));
    for await (const delta of stream.deltas) {
      if (output.writableEnded) return;
      if (finish !== undefined) text += delta.content;
      usage = delta.usage ?? usage;
      if (delta.content !== "" || delta.finishReason !== null) {
        const choice = { index: 0, delta: { content: delta.content }, finish_reason: delta.finishReason };
        await write(output, event({ ...head, choices: [choice] }), signal);
      }
      if (delta.usage !== undefined) {
        await write(output, event({ ...head, choices: [], usage: delta.usage }), signal);
      }
    }
    if (output.writableEnded) return;
    for (const { name, data } of (await finish?.(text, usage)) ?? []) output.write(event(data, name));
    if (!output.writableEnded) output.end("data: [DONE]\n\n");
  } catch (thrown) {
    const error = thrown instanceof AppError ? thrown : new AppError("INTERNAL_ERROR", { cause: thrown });
    if (signal.aborted) request.log.info({ code: "CLIENT_CLOSED_REQUEST" }, "client left the stream");
    else request.log.error({ err: error, code: error.code }, "stream failed");
    end(error);
  } finally {
    stopListening();
  }
}

async function write(output: PassThrough, text: string, signal: AbortSignal): Promise<void> {
  if (output.write(text)) return;
  // A client that reads slowly holds the engine's stream back instead of filling this process's memory.
  await once(output, "drain", { signal });
}
