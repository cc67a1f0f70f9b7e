import type { Task } from "../../contract/tasks";
import type { AppError } from "../../shared/errors/app-error";
import type { Lease, LeaseOutcome } from "../scheduling/lease";
import type { EngineVerdict, GuardedRequest } from "./circuit-breaker";
import type { Endpoint } from "./endpoint";
import { EngineError } from "./engine-errors";
import type { Usage } from "./protocol";
import type { ServedEvent } from "./served-event";

export interface RunProps {
  readonly task: Task;
  /** Label of the model. */
  readonly model: string;
  readonly lease: Lease<Endpoint>;
  /** Of the endpoint's circuit. */
  readonly guarded: GuardedRequest;
  /** `performance.now()` of the call. */
  readonly startedMs: number;
  /** Counted or estimated before; the engine's own count wins. */
  readonly promptTokens: number;
  readonly onServed: (event: ServedEvent) => void;
}

/**
 * One attempt of one request at one endpoint: keeps its times, and settles lease, circuit and counts once it is over.
 */
export class Run {
  readonly #props: RunProps;
  #firstTextMs: number | undefined;
  #steps = 0;
  #reported = false;
  #over = false;
  #onOver: () => void = () => {};

  constructor(props: RunProps) {
    this.#props = props;
  }

  /** A step with text has come; the first one ends the prefill, and shows that the endpoint works. */
  text(): void {
    this.#steps += 1;
    if (this.#firstTextMs !== undefined) return;
    this.#firstTextMs = performance.now();
    this.#props.guarded.begun();
    this.#props.lease.firstToken();
  }

  /** The answer is complete. */
  ended(usage: Usage | undefined): void {
    const completionTokens = usage?.completion_tokens || this.#steps;
    this.#settle("success", { completionTokens }, { ok: true, usage, completionTokens });
  }

  /** Has something done once the attempt is over; at once where it is. To be called once at most. */
  onOver(done: () => void): void {
    if (this.#over) done();
    else this.#onOver = done;
  }

  /** Tells the circuit of an error before the attempt is settled. */
  learn(error: AppError): void {
    this.#report(verdictOf(error));
  }

  /** The answer will not be complete. @param final whether no retry follows */
  failed(error: AppError, final = true): void {
    const verdict = verdictOf(error);
    const left = verdict === "neutral";
    const began = this.#firstTextMs !== undefined;
    // A client that left before the first text is no evidence about the service; nor is a request that it got wrong.
    const tells = final && (left ? began : error.status >= 500);
    this.#settle(verdict, { failed: !left || !began }, tells ? { ok: left, completionTokens: this.#steps } : undefined);
  }

  /** The answer's reader stopped. Does nothing where the answer was over already. */
  left(): void {
    this.failed(new EngineError("CLIENT_CLOSED_REQUEST", { verdict: "neutral" }));
  }

  #report(verdict: EngineVerdict): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#props.guarded.ended(verdict);
  }

  #settle(verdict: EngineVerdict, outcome: LeaseOutcome, ending: Ending | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#report(verdict);
    this.#props.lease.release(outcome);
    this.#onOver();
    if (ending !== undefined) this.#props.onServed(this.#event(ending));
  }

  #event({ ok, usage, completionTokens }: Ending): ServedEvent {
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

/** How an attempt came out, for those who count. */
interface Ending {
  readonly ok: boolean;
  readonly usage?: Usage | undefined;
  readonly completionTokens: number;
}

function verdictOf(error: AppError): EngineVerdict {
  return error instanceof EngineError ? error.verdict : "failure";
}
