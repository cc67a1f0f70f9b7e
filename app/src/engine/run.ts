import type { Task } from "../contract";
import type { AppError } from "../errors/app-error";
import type { Lease } from "../scheduling/lease";
import type { Verdict } from "./circuit-breaker";
import type { Endpoint } from "./endpoint";
import { EngineError } from "./engine-errors";
import type { Usage } from "./protocol";
import type { ServedEvent } from "./served-event";

export interface RunProps {
  readonly task: Task;
  /** Label of the model. */
  readonly model: string;
  readonly lease: Lease<Endpoint>;
  readonly tell: (verdict: Verdict) => void;
  /** `performance.now()` of the call. */
  readonly startedMs: number;
  /** Counted or estimated before; the engine's own count wins. */
  readonly promptTokens: number;
  readonly onServed: (event: ServedEvent) => void;
}

/** One attempt of one request at one endpoint: keeps its times, and settles lease, circuit and counts once it is over. */
export class Run {
  readonly #props: RunProps;
  #firstTextMs: number | undefined;
  #steps = 0;
  #over = false;

  constructor(props: RunProps) {
    this.#props = props;
  }

  /** A step with text has come; the first one ends the prefill. */
  text(): void {
    this.#steps += 1;
    if (this.#firstTextMs !== undefined) return;
    this.#firstTextMs = performance.now();
    this.#props.lease.firstToken();
  }

  /** The answer is complete. */
  ended(usage: Usage | undefined): void {
    const completionTokens = usage?.completion_tokens || this.#steps;
    this.#settle("success", { completionTokens }, () => this.#event(true, usage, completionTokens));
  }

  /** It will not be. @param final whether nobody tries again */
  failed(error: AppError, final = true): void {
    const verdict = error instanceof EngineError ? error.verdict : "failure";
    const left = verdict === "neutral";
    // A client that left before the first text tells nothing about the service; nor does a request that it got wrong.
    const tells = final && (left ? this.#firstTextMs !== undefined : error.status >= 500);
    this.#settle(verdict, { failed: !left || this.#firstTextMs === undefined }, () =>
      tells ? this.#event(left, undefined, this.#steps) : undefined,
    );
  }

  /** Whoever read the answer reads no further. Nothing where it was over already. */
  left(): void {
    this.failed(new EngineError("CLIENT_CLOSED_REQUEST", { verdict: "neutral" }));
  }

  #settle(
    verdict: Verdict,
    outcome: { readonly completionTokens?: number; readonly failed?: boolean },
    event: () => ServedEvent | undefined,
  ): void {
    if (this.#over) return;
    this.#over = true;
    this.#props.tell(verdict);
    this.#props.lease.release(outcome);
    const served = event();
    if (served !== undefined) this.#props.onServed(served);
  }

  #event(ok: boolean, usage: Usage | undefined, completionTokens: number): ServedEvent {
    const { task, model, startedMs, lease, promptTokens } = this.#props;
    const endedMs = performance.now();
    const first = this.#firstTextMs;
    return {
      task,
      model,
      ok,
      queuedMs: lease.queuedMs,
      ttftMs: first === undefined ? undefined : first - startedMs,
      durationMs: endedMs - startedMs,
      tpotMs: first === undefined || completionTokens < 2 ? undefined : (endedMs - first) / (completionTokens - 1),
      promptTokens: usage?.prompt_tokens || promptTokens,
      completionTokens,
    };
  }
}
