import type { Draining, Lifecycle } from "../../operations/lifecycle";

/** An answer that is being streamed to a client, to which events of our own can be written. */
export interface OpenStream {
  /** Says that the connection lives, where nothing was sent since the last call. */
  ping(): void;
  /** Says that the instance leaves. */
  draining(draining: Draining): void;
  /** Ends the stream with an error, because the instance leaves now. */
  cut(): void;
}

/** Milliseconds of silence after which a stream has had a ping. Source: R-66. */
const PING_MS = 15_000;

export interface OpenStreamsOptions {
  readonly lifecycle: Lifecycle;
  /** Most milliseconds of silence. @default 15000 */
  readonly pingMs?: number | undefined;
}

/**
 * The streams that are open. One timer and one pair of listeners for all of them: a timer for each would cost every
 * request what few live long enough to need.
 */
export class OpenStreams {
  readonly #lifecycle: Lifecycle;
  readonly #pingMs: number;
  readonly #open = new Set<OpenStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ lifecycle, pingMs = PING_MS }: OpenStreamsOptions) {
    this.#lifecycle = lifecycle;
    this.#pingMs = pingMs;
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

  /** The stream has begun: it is told at once what it has missed. */
  add(stream: OpenStream): void {
    const { draining, cutting } = this.#lifecycle;
    if (draining !== undefined) stream.draining(draining);
    if (cutting) stream.cut();
    else this.#open.add(stream);
  }

  delete(stream: OpenStream): void {
    this.#open.delete(stream);
  }
}
