import type { ServerResponse } from "node:http";
import { type ModelTable, type ModelTarget, singleModelTable } from "../../../src/config/model-table";
import { ModelPool, type ModelPoolOptions } from "../../../src/engines/client/model-pool";
import type { ServedEvent } from "../../../src/engines/client/served-event";
import type { GenerationCall } from "../../../src/engines/client/task-model";
import { type Behaviour, chunk, type EngineOptions, startEngine } from "../../support/engine";

/** What to close after each test, in the reverse of the order in which it was opened. */
export class Closing {
  readonly #closers: (() => Promise<void>)[] = [];

  add<T extends { close(): Promise<void> }>(opened: T): T {
    this.#closers.push(() => opened.close());
    return opened;
  }

  async all(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  async engine(behaviour: Behaviour, options?: EngineOptions) {
    return this.add(await startEngine(behaviour, options));
  }

  /** A pool in which one model answers every task, with the events of its requests. */
  pool(target: Partial<ModelTarget>, options: Partial<ModelPoolOptions> = {}) {
    return this.poolOf(singleModelTable({ model: "m", concurrency: 30, ...target }), options);
  }

  poolOf(table: ModelTable, options: Partial<ModelPoolOptions> = {}) {
    const served: ServedEvent[] = [];
    const pool = new ModelPool({ table, timeoutMs: 5_000, onServed: (event) => served.push(event), ...options });
    this.add(pool);
    return { pool, served };
  }
}

export const HELLO = { messages: [{ role: "user", content: "Hello there" }], maxTokens: 16, temperature: 0 } as const;

export function call(signal: AbortSignal = new AbortController().signal): GenerationCall {
  return { requestId: "r", signal };
}

/** Streams words as an engine does, with usage at the end. */
export function stream(response: ServerResponse, ...words: readonly string[]): void {
  response.setHeader("content-type", "text/event-stream");
  for (const word of words) response.write(chunk(word));
  response.end(ending(words.length));
}

/** What an engine sends last. */
export function ending(completionTokens: number): string {
  const usage = { prompt_tokens: 7, completion_tokens: completionTokens, total_tokens: 7 + completionTokens };
  return `${chunk("", "stop")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
}
