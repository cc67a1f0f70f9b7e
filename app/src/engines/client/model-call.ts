import type { Task } from "../../contract/tasks";
import type { RequestClass } from "../scheduling/job";
import type { EngineClient } from "./engine-client";
import type { CallContext, Exchange } from "./exchange";
import type { ChatRequest } from "./protocol";
import type { Run } from "./run";

/** A request to a model, from whichever task. */
export interface ModelCall extends CallContext {
  readonly task: Task;
  readonly chat: ChatRequest;
  readonly class: RequestClass;
  /** @default the model itself */
  readonly adapter?: string | undefined;
  /** Tokens of the rendered prompt where the caller has counted them. @default counted here */
  readonly promptTokens?: number | undefined;
  /** Milliseconds; see `EngineClientOptions.timeoutMs`. */
  readonly timeoutMs: number;
  /** Whether `timeoutMs` is for the whole answer, not only for silence. */
  readonly whole: boolean;
}

/** An answer that has begun, and the attempt that it comes from. */
export interface OpenedAnswer<T> {
  readonly answer: T;
  readonly run: Run;
  /** Name of the model or adapter that answers. */
  readonly model: string;
}

/** Sends a request; resolves when the first step of its answer is here. */
export type Send<T> = (client: EngineClient, body: string, exchange: Exchange) => Promise<T>;
