import type { Clock } from "../../shared/clock";

/** `open`: nothing is sent. `half-open`: one request at a time may find out whether it is over. */
export type CircuitState = "closed" | "open" | "half-open";

/** How a request to the guarded party ended. `neutral`: no evidence, as when the client left first. */
export type EngineVerdict = "success" | "failure" | "neutral";

/** A request that the circuit let through. */
export interface GuardedRequest {
  /**
   * To be called when its answer has begun. Closes the circuit where the request was its probe: whoever waits need not
   * wait for the whole answer. Further calls do nothing.
   */
  begun(): void;
  /** To be called with its outcome. Counts also after `begun`. Further calls do nothing. */
  ended(verdict: EngineVerdict): void;
}

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. @default 5, R-32 */
  readonly failures?: number;
  /** Milliseconds that it stays open. @default 30,000, R-32 */
  readonly openMs?: number;
  /** Called after every change of state, and when a half-open circuit is free for the next probe. */
  readonly onChange?: () => void;
}

/**
 * Keeps requests from an endpoint that fails again and again: so many failures in a row open the circuit, after a while
 * one request is let through as a probe. The beginning of its answer closes the circuit, a failure before that opens it
 * again, and a later one is the first of a new row. Passive: it sends nothing itself.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #failures: number;
  readonly #openMs: number;
  readonly #onChange: () => void;
  #state: CircuitState = "closed";
  #inARow = 0;
  #probing = false;
  /** Every opening begins a new era: results of requests sent before it are ignored. */
  #era = 0;

  constructor({ clock, failures = 5, openMs = 30_000, onChange = () => {} }: CircuitBreakerOptions) {
    this.#clock = clock;
    this.#failures = failures;
    this.#openMs = openMs;
    this.#onChange = onChange;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether {@link begin} would let a request through. */
  get available(): boolean {
    return this.#state === "closed" || (this.#state === "half-open" && !this.#probing);
  }

  /**
   * Lets one request through.
   * @returns `undefined` where none is let through
   */
  begin(): GuardedRequest | undefined {
    if (!this.available) return undefined;
    const era = this.#era;
    let probe = this.#state === "half-open";
    if (probe) this.#probing = true;
    let over = false;
    return {
      begun: () => {
        if (!probe || over || era !== this.#era) return;
        probe = false;
        this.#probing = false;
        this.#change("closed");
      },
      ended: (verdict) => {
        if (over) return;
        over = true;
        if (era !== this.#era) return;
        if (probe) this.#probing = false;
        this.#learn(verdict, probe);
      },
    };
  }

  /** To be called with proof from elsewhere that the endpoint answers: closes the circuit. */
  recovered(): void {
    this.#inARow = 0;
    if (this.#state === "closed") return;
    this.#era += 1;
    this.#probing = false;
    this.#change("closed");
  }

  #learn(verdict: EngineVerdict, probe: boolean): void {
    if (verdict === "success") {
      this.#inARow = 0;
      if (this.#state !== "closed") this.#change("closed");
    } else if (verdict === "failure") {
      this.#inARow += 1;
      if (probe || this.#inARow >= this.#failures) this.#open();
    } else if (probe) this.#onChange();
  }

  #open(): void {
    this.#era += 1;
    this.#probing = false;
    const era = this.#era;
    this.#clock.after(this.#openMs, () => {
      if (era === this.#era && this.#state === "open") this.#change("half-open");
    });
    this.#change("open");
  }

  #change(state: CircuitState): void {
    this.#state = state;
    if (state === "closed") this.#inARow = 0;
    this.#onChange();
  }
}
