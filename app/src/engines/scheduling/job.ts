import type { REQUEST_CLASSES } from "../../contract/tasks";
import type { PromptPrefix } from "./prompt-prefix";

/** Whether a person waits for a request. */
export type RequestClass = (typeof REQUEST_CLASSES)[number];

/** A generation request, as far as scheduling looks at it. */
export interface Job {
  readonly class: RequestClass;
  /** Tokens of the rendered prompt, counted or estimated. */
  readonly promptTokens: number;
  /** What the prompt begins with, see `promptPrefix`. `NO_PREFIX` for one that shares nothing. */
  readonly prefix: PromptPrefix;
  /** LoRA adapter that the answer needs. @default the base model */
  readonly adapter?: string | undefined;
  /** Most tokens of the answer. */
  readonly maxTokens: number;
  /** Milliseconds that it may wait for a place. */
  readonly timeoutMs: number;
  /**
   * Whether the lease's holder will call `Lease.firstToken`, as any answer that is streamed from the engine
   * can. Then the next prompt is sent when this one has been read, and the prefill rate is measured.
   * @default false: the measured rate gives the time by which it is read
   */
  readonly reportsFirstToken?: boolean | undefined;
  /** Aborted while waiting, the job leaves the queue. Once it has a lease, the lease's holder releases it. */
  readonly signal?: AbortSignal | undefined;
  /** Ids of endpoints that failed this request before: taken only where no other has a place. @default none */
  readonly avoid?: readonly string[] | undefined;
}
