import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { failedAfterHead } from "../../operations/counted-status";
import type { Draining } from "../../operations/lifecycle";
import { AppError } from "../../shared/errors/app-error";
import { errorBody } from "../errors/error-handler";

/** Names and values in turn, which Node writes unchecked. The last one keeps nginx from buffering. */
const HEAD: readonly string[] = [
  "content-type",
  "text/event-stream; charset=utf-8",
  "cache-control",
  "no-cache, no-transform",
  "x-accel-buffering",
  "no",
];
type HeaderFields = Readonly<Record<string, OutgoingHttpHeader | undefined>>;

const PING = ": ping\n\n";
const DONE = "data: [DONE]\n\n";

/** Where the events of a stream come from. */
export interface EventSource {
  /** Headers of this answer, besides those of every stream. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Writes every event and ends the stream. What it throws becomes an `event: error`. */
  readonly write: (stream: EventStream) => Promise<void>;
  /** Stops the source at once, because the stream is cut. @default `write` looks at `ended` between events */
  readonly cancel?: (() => void) | undefined;
}

/**
 * An answer of server-sent events, written past Fastify, whose stream handling costs more than the rest of an event's
 * way. A failure after the head is an `event: error`. When the process starts to drain, the stream gets an
 * `event: draining` with the time of the cut, and continues; where it is not over by then, it ends with an
 * `event: error` of code `DRAINING`.
 */
export class EventStream {
  /** For sources that have whole events as bytes. */
  readonly output: ServerResponse;
  readonly #request: FastifyRequest;
  readonly #source: EventSource;
  /** Bytes that the socket had been given at the last ping. */
  #sentBefore = -1;

  /** Begins the answer. @param headers those of every stream */
  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    source: EventSource,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#request = request;
    this.#source = source;
    this.output = reply.raw;
    const head: OutgoingHttpHeader[] = [...HEAD];
    const all: readonly HeaderFields[] = [headers, source.headers ?? {}, reply.getHeaders()];
    for (const fields of all) for (const name in fields) head.push(name, fields[name] ?? "");
    reply.hijack();
    this.output.writeHead(200, head);
  }

  /** Whether the last event has been written. */
  get ended(): boolean {
    return this.output.writableEnded;
  }

  /** Writes everything that the source has. Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#source.write(this);
    } catch (thrown) {
      this.#broken(thrown instanceof AppError ? thrown : new AppError("INTERNAL_ERROR", { cause: thrown }));
    }
  }

  /** Writes an event at the client's pace: one that reads slowly holds the source back instead of filling memory. */
  async send(data: unknown, name?: string): Promise<void> {
    if (this.#isOpen && !this.output.write(event(data, name))) await this.#drained();
  }

  /** Ends the stream as OpenAI's streams end. */
  done(): void {
    if (this.#isOpen) this.output.end(DONE);
  }

  /** Shows that the connection lives, where nothing was sent since the last call. */
  ping(): void {
    const sent = this.output.socket?.bytesWritten ?? 0;
    const quiet = sent === this.#sentBefore;
    this.#sentBefore = sent;
    // A client that does not read what is there needs no sign of life.
    if (quiet && this.#isOpen && !this.output.writableNeedDrain) this.output.write(PING);
  }

  /**
   * Announces that the instance leaves. `repeat`: a client whose answer breaks off may send the same request again, which
   * loses nothing, because an answer is stored only when it is complete.
   */
  draining({ cutAt }: Draining): void {
    const cut_at = cutAt === undefined ? null : new Date(cutAt).toISOString();
    const notice = { code: "DRAINING", resume: "repeat", request_id: this.#request.id, cut_at };
    if (this.#isOpen) this.output.write(event(notice, "draining"));
  }

  /** Ends the stream with an error, because the instance leaves now. */
  cut(): void {
    // First, so that what was received is written before the error.
    this.#source.cancel?.();
    this.#fail(new AppError("DRAINING"));
  }

  get #isOpen(): boolean {
    return !this.ended && !this.output.destroyed;
  }

  /** Resolves once the client has read enough, or has left. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.output.off("drain", settle).off("close", settle);
        resolve();
      };
      this.output.on("drain", settle).on("close", settle);
    });
  }

  #broken(error: AppError): void {
    // Ended by `cut`, with its error.
    if (this.ended) return;
    const { log } = this.#request;
    if (error.code === "CLIENT_CLOSED_REQUEST") log.info({ code: error.code }, "client left the stream");
    else log.error({ err: error, code: error.code }, "stream failed");
    this.#fail(error);
  }

  #fail(error: AppError): void {
    this.#request.work?.fail();
    if (!this.#isOpen) return;
    failedAfterHead(this.#request, error);
    this.output.end(event(errorBody(error, this.#request), "error"));
  }
}

function event(data: unknown, name?: string): string {
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}
