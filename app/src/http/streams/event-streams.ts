import type { FastifyReply, FastifyRequest } from "fastify";
import type { Lifecycle } from "../../operations/lifecycle";
import { type EventSource, EventStream } from "./event-stream";

/** What happens to an open stream from outside, see {@link EventStream}. */
export type OpenStream = Pick<EventStream, "ping" | "draining" | "cut">;

/** Milliseconds of silence after which a stream has had a ping. Source: R-66. */
const PING_MS = 15_000;

export interface EventStreamsOptions {
  readonly lifecycle: Lifecycle;
  /** Most milliseconds of silence. @default 15000 */
  readonly pingMs?: number | undefined;
  /** Headers of every stream, computed when it begins. @default none */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
}

/**
 * Writes answers of server-sent events, and keeps those that are open. One timer and one pair of listeners for all of
 * them: a timer for each would cost every request what few live long enough to need.
 */
export class EventStreams {
  readonly #lifecycle: Lifecycle;
  readonly #pingMs: number;
  readonly #headers: () => Readonly<Record<string, string>>;
  readonly #open = new Set<OpenStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ lifecycle, pingMs = PING_MS, headers = () => ({}) }: EventStreamsOptions) {
    this.#lifecycle = lifecycle;
    this.#pingMs = pingMs;
    this.#headers = headers;
    lifecycle.onDraining((draining) => {
      for (const stream of this.#open) stream.draining(draining);
    });
    lifecycle.onCut(() => {
      for (const stream of this.#open) stream.cut();
    });
  }

  /** Begins to ping. Twice in the time: a stream may have fallen silent just after a look at it. */
  start(): void {
    this.#timer = setInterval(() => {
      for (const stream of this.#open) stream.ping();
    }, this.#pingMs / 2);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Answers a request with events, which are written after the handler has returned. */
  answer(request: FastifyRequest, reply: FastifyReply, source: EventSource): FastifyReply {
    const stream = new EventStream(request, reply, source, this.#headers());
    this.add(stream);
    void stream.run().then(() => this.delete(stream));
    return reply;
  }

  /** Adds a stream that has begun; one that begins during a drain gets its notice at once. */
  add(stream: OpenStream): void {
    const { draining, cutting } = this.#lifecycle;
    if (draining !== undefined) stream.draining(draining);
    if (cutting) stream.cut();
    else this.#open.add(stream);
  }

  /** Removes a stream that is over. */
  delete(stream: OpenStream): void {
    this.#open.delete(stream);
  }
}
