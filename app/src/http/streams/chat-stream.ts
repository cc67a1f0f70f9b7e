import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnsweredRawStream } from "../../engines/client/task-model";
import type { Draining } from "../../operations/lifecycle";
import { AppError } from "../../shared/errors/app-error";
import { errorBody } from "../errors/error-handler";
import type { OpenStream, OpenStreams } from "./open-streams";

/** Names and values in turn, which Node writes without looking at them. The last one tells nginx not to collect. */
const SSE_HEADERS = [
  ...["content-type", "text/event-stream; charset=utf-8"],
  ...["cache-control", "no-cache, no-transform"],
  ...["x-accel-buffering", "no"],
] as const;
const PING = ": ping\n\n";

export interface ChatStreamOptions {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly streams: OpenStreams;
  /** Besides those that the reply has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called with what was sent, once. Not called where the stream broke off. */
  readonly onComplete: (answered: AnsweredRawStream) => void;
}

/** Begins an event stream past Fastify, whose stream handling costs more than all else that a chunk goes through. */
export function beginEvents(reply: FastifyReply, headers: Readonly<Record<string, string>>): ServerResponse {
  const { raw } = reply;
  const own = reply.getHeaders();
  const head: OutgoingHttpHeader[] = [...SSE_HEADERS];
  for (const name in headers) head.push(name, headers[name] ?? "");
  for (const name in own) head.push(name, own[name] ?? "");
  reply.hijack();
  raw.writeHead(200, head);
  return raw;
}

/**
 * A chat's answer on its way from the engine to the client: the engine's own events, passed on as the bytes that they
 * are. What fails after the first of them is an `event: error`. When the process starts to drain, the stream gets an
 * `event: draining` with the time of the cut, and goes on to its end; where it is not over by then, it ends with an
 * `event: error` of code `DRAINING`.
 */
export class ChatStream implements OpenStream {
  readonly #options: ChatStreamOptions;
  readonly #answered: AnsweredRawStream;
  readonly #output: ServerResponse;
  /** Bytes that the socket had been given at the last ping. */
  #sentBefore = -1;

  /** @param answered the engine's first event is already here */
  constructor(answered: AnsweredRawStream, options: ChatStreamOptions) {
    this.#options = options;
    this.#answered = answered;
    this.#output = beginEvents(options.reply, options.headers);
  }

  /** Passes everything on. Never rejects: what goes wrong becomes an event. */
  async run(): Promise<void> {
    const { streams, onComplete } = this.#options;
    streams.add(this);
    try {
      await this.#answered.raw.pipe(this.#output, { end: true });
      onComplete(this.#answered);
    } catch (thrown) {
      this.#broken(thrown instanceof AppError ? thrown : new AppError("INTERNAL_ERROR", { cause: thrown }));
    } finally {
      streams.delete(this);
    }
  }

  ping(): void {
    const sent = this.#output.socket?.bytesWritten ?? 0;
    const quiet = sent === this.#sentBefore;
    this.#sentBefore = sent;
    // A client that does not read what is there needs no sign of life.
    if (quiet && this.#isOpen && !this.#output.writableNeedDrain) this.#output.write(PING);
  }

  /**
   * `repeat`: what a client may do about an answer that may break off is to send the same request again, which loses
   * nothing, because nothing of it was stored.
   */
  draining({ cutAt }: Draining): void {
    const { id: request_id } = this.#options.request;
    const cut_at = cutAt === undefined ? null : new Date(cutAt).toISOString();
    if (this.#isOpen) this.#output.write(event("draining", { code: "DRAINING", resume: "repeat", request_id, cut_at }));
  }

  cut(): void {
    // First, so that what has come is written before the error.
    this.#answered.raw.cancel();
    this.#fail(new AppError("DRAINING"));
  }

  get #isOpen(): boolean {
    return !this.#output.writableEnded && !this.#output.destroyed;
  }

  #broken(error: AppError): void {
    // Ended by `cut`, which has said all that there is to say.
    if (this.#output.writableEnded) return;
    const { log } = this.#options.request;
    if (error.code === "CLIENT_CLOSED_REQUEST") log.info({ code: error.code }, "client left the stream");
    else log.error({ err: error, code: error.code }, "stream failed");
    this.#fail(error);
  }

  #fail(error: AppError): void {
    const { request } = this.#options;
    request.work?.fail();
    if (this.#isOpen) this.#output.end(event("error", errorBody(error, request)));
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
