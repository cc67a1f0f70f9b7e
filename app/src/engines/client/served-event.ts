import type { Task } from "../../contract/tasks";

/** How a request to a model went, once it is over. Passed to `ModelPoolOptions.onServed`. */
export interface ServedEvent {
  readonly task: Task;
  /** Label of the model that answered: one of few, fixed at start. */
  readonly model: string;
  /** Milliseconds in the scheduler's queue, of the last attempt. */
  readonly queuedMs: number;
  /** Milliseconds from the call, queue and retries included, to the first text. `undefined` where none came. */
  readonly ttftMs: number | undefined;
  /** Milliseconds from the call to the end. */
  readonly durationMs: number;
  /** Milliseconds between tokens, after the first. `undefined` where there were fewer than two. */
  readonly tpotMs: number | undefined;
  readonly promptTokens: number;
  /** By the engine's count; where the stream ended early, its steps with text. */
  readonly completionTokens: number;
  /** Whether the engine did its part: also where the client left while it was answering. */
  readonly ok: boolean;
}
