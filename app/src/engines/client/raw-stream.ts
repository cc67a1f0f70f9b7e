import type { Writable } from "node:stream";
import type { Dispatcher } from "undici";
import { AppError } from "../../shared/errors/app-error";
import { emptyAnswer } from "./answer-end";
import { checkChunks } from "./chunk-check";
import { clientLeft, engineBadReply, fromFailure, fromStatus } from "./engine-errors";
import { MAX_ERROR_BYTES } from "./error-text";
import { EventBlocks } from "./event-blocks";
import type { Exchange } from "./exchange";
import type { Usage } from "./protocol";
import { isDone, StreamTail } from "./stream-tail";

/** Callbacks for what passes through a {@link RawStream}. */
export interface RawStreamWatcher {
  firstText(): void;
  /** The stream came to its end; an engine that counts no tokens gives no usage. */
  ended(usage: Usage | undefined): void;
  /** It was cut off, by the engine or by the client. */
  failed(error: AppError): void;
}

const EMPTY_LINE = Buffer.from("\n\n");
/** An event with text in it. */
const TEXT = /"(?:content|reasoning_content|reasoning|text)": ?"[^"]/;
/** Bytes that wait for the client before the engine is held back, until `pipe` is called. */
const MAX_HELD_BYTES = 1024 * 1024;

/**
 * An engine's event stream on its way through, as bytes. Each event is checked to be a chunk of a completion and passed
 * on as it came; the first text and, at the end, `usage` and `[DONE]` are looked for. What is written is always whole
 * events, so that the caller of `pipe` may write its own events between them. An engine's rubbish, error event or event
 * without end is never passed on.
 */
export class RawStream implements Dispatcher.DispatchHandler {
  /** Resolves with this stream when the engine's first event is here; rejects with an `AppError`. */
  readonly opened: Promise<RawStream>;
  readonly #exchange: Exchange;
  readonly #blocks = new EventBlocks();
  readonly #tail = new StreamTail();
  readonly #abort = () => this.#controller?.abort(new Error("the client left"));
  readonly #flush = () => this.#writeOut(this.#collected());
  #controller: Dispatcher.DispatchController | undefined;
  #resolveOpened: (stream: RawStream) => void = () => {};
  #rejectOpened: (error: AppError) => void = () => {};
  #watcher: RawStreamWatcher | undefined;
  #refusal: { readonly status: number; readonly retryAfter: string | undefined; body: string } | undefined;
  #simulated = false;
  #sawText = false;
  /** Blocks that are not yet written: all that came before `pipe`, then what came in this turn of the event loop. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #flushes = false;
  #usage: Usage | undefined;
  #destination: Writable | undefined;
  #endsDestination = false;
  #waitingForDrain = false;
  #outcome: { readonly error: AppError | undefined } | undefined;
  #settlePipe: () => void = () => {};

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
  }

  get simulated(): boolean {
    return this.#simulated;
  }

  /** Calls the watcher from now on, and for what passed before. To be called once. */
  watch(watcher: RawStreamWatcher): void {
    this.#watcher = watcher;
    if (this.#sawText) watcher.firstText();
    if (this.#outcome !== undefined) this.#tellOutcome(watcher);
  }

  /** Tokens as the engine counted them; `undefined` before the end, or where it counts none. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  /**
   * Writes the events to a destination, at its pace, `[DONE]` included.
   * @param end whether the destination is ended with the last event, in one write with it. Never where the stream is cut
   *   off: the caller then writes an error event. @default false
   * @throws AppError when the stream is cut off; what was written until then is whole events
   */
  async pipe(destination: Writable, { end = false }: { readonly end?: boolean } = {}): Promise<void> {
    this.#destination = destination;
    this.#endsDestination = end;
    const heldBack = this.#heldBytes > MAX_HELD_BYTES;
    if (this.#outcome !== undefined) this.#finish();
    else {
      this.#flush();
      if (heldBack && !this.#waitingForDrain) this.#controller?.resume();
      await new Promise<void>((resolve) => {
        this.#settlePipe = resolve;
      });
    }
    if (this.#outcome?.error !== undefined) throw this.#outcome.error;
  }

  /** Lets the engine stop, whose fault that is not. A pipe that runs throws CLIENT_CLOSED_REQUEST. */
  cancel(): void {
    this.#end(clientLeft(new Error("cancelled")));
    this.#abort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { signal } = this.#exchange;
    this.#controller = controller;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort, { once: true });
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#simulated = headers["x-simulated"] === "true";
    if (status < 300) return;
    const retryAfter = headers["retry-after"];
    this.#refusal = { status, retryAfter: typeof retryAfter === "string" ? retryAfter : undefined, body: "" };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#refusal !== undefined) {
      if (this.#refusal.body.length < MAX_ERROR_BYTES) this.#refusal.body += chunk.toString("latin1");
      return;
    }
    if (this.#outcome === undefined) {
      try {
        const block = this.#blocks.push(chunk);
        if (block !== undefined) this.#pass(block);
      } catch (thrown) {
        this.#spoiled(thrown);
      }
    }
    if (this.#outcome?.error !== undefined) controller.abort(this.#outcome.error);
  }

  onResponseEnd(): void {
    if (this.#refusal !== undefined) {
      const { silenceMs: timeoutMs, adapter, maxTokens, promptTokens } = this.#exchange;
      this.#end(fromStatus({ ...this.#refusal, timeoutMs, adapter, maxTokens, promptTokens }));
      return;
    }
    if (this.#outcome !== undefined) return;
    try {
      const rest = this.#blocks.rest();
      // A last event without its empty line: clients wait for that.
      const last = rest && Buffer.concat([rest, EMPTY_LINE]);
      if (last !== undefined && isDone(last)) this.#pass(last);
      this.#usage = this.#tail.usage();
      this.#end(undefined);
    } catch (thrown) {
      this.#spoiled(thrown);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, thrown: Error): void {
    const { signal: caller, silenceMs: timeoutMs } = this.#exchange;
    this.#end(fromFailure(thrown, { caller, timeoutMs }));
  }

  /** What the engine sent is of no use: ends the stream. */
  #spoiled(thrown: unknown): void {
    this.#end(thrown instanceof AppError ? thrown : engineBadReply(thrown));
  }

  #pass(block: Buffer): void {
    checkChunks(block);
    if (!this.#sawText && TEXT.test(block.toString("latin1"))) {
      this.#sawText = true;
      this.#watcher?.firstText();
    }
    // Before its end is passed on: an answer without text is none.
    if (!this.#sawText && isDone(block)) throw emptyAnswer();
    this.#tail.push(block);
    this.#held.push(block);
    this.#heldBytes += block.length;
    if (this.#destination === undefined) {
      if (this.#heldBytes > MAX_HELD_BYTES) this.#controller?.pause();
      this.#resolveOpened(this);
    } else if (!this.#flushes) {
      // What one read of the engine's socket brought goes out as one piece: system calls cost more than all the rest.
      this.#flushes = true;
      process.nextTick(this.#flush);
    }
  }

  #collected(): Buffer | undefined {
    const [first] = this.#held;
    const all = this.#held.length > 1 ? Buffer.concat(this.#held, this.#heldBytes) : first;
    this.#flushes = false;
    this.#heldBytes = 0;
    this.#held = [];
    return all;
  }

  /** A client that reads slowly holds the engine back instead of filling this process's memory. */
  #writeOut(bytes: Buffer | undefined): void {
    const destination = this.#destination;
    if (bytes === undefined || destination === undefined || destination.write(bytes) || this.#waitingForDrain) return;
    this.#waitingForDrain = true;
    this.#controller?.pause();
    destination.once("drain", () => {
      this.#waitingForDrain = false;
      this.#controller?.resume();
    });
  }

  #end(error: AppError | undefined): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#exchange.signal.removeEventListener("abort", this.#abort);
    if (error !== undefined) this.#rejectOpened(error);
    this.#finish();
    if (this.#watcher !== undefined) this.#tellOutcome(this.#watcher);
    this.#settlePipe();
  }

  /** Writes what is left, and ends the destination after a complete stream where `end` is set. */
  #finish(): void {
    const destination = this.#destination;
    if (destination === undefined) return;
    const rest = this.#collected();
    if (this.#endsDestination && this.#outcome?.error === undefined) destination.end(rest);
    else this.#writeOut(rest);
  }

  #tellOutcome(watcher: RawStreamWatcher): void {
    const error = this.#outcome?.error;
    if (error === undefined) watcher.ended(this.#usage);
    else watcher.failed(error);
  }
}
