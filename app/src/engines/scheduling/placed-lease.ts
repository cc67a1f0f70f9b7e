import type { Clock } from "../../shared/clock";
import type { DispatchEndpoint } from "./dispatch-endpoint";
import type { Capacity } from "./endpoint-capacity";
import type { Placement } from "./endpoint-placement";
import type { EndpointState } from "./endpoint-state";
import type { Job } from "./job";
import type { Lease, LeaseOutcome } from "./lease";

export interface PlacedLeaseProps<E extends DispatchEndpoint> {
  readonly job: Job;
  readonly placement: Placement<E>;
  readonly queuedMs: number;
  readonly priority: number;
  /** Tokens of the prompt and of the answer that is expected. */
  readonly activeTokens: number;
  readonly clock: Clock;
  readonly capacity: Capacity;
  /** Called when the endpoint can be sent another prompt. */
  readonly onOpened: () => void;
  /** Called once, when the place is given back. */
  readonly onReleased: () => void;
}

/** Keeps an endpoint's account while a request is in flight there. */
export class PlacedLease<E extends DispatchEndpoint> implements Lease<E> {
  readonly endpoint: E;
  readonly queuedMs: number;
  readonly cachedTokens: number;
  readonly priority: number;
  readonly #props: PlacedLeaseProps<E>;
  readonly #state: EndpointState;
  readonly #uncachedTokens: number;
  readonly #dispatchedMs: number;
  readonly #stopReckoning: () => void;
  #firstTokenMs: number | undefined;
  #prefilling = true;
  #released = false;

  constructor(props: PlacedLeaseProps<E>) {
    const { job, placement, clock, capacity } = props;
    this.endpoint = placement.endpoint;
    this.queuedMs = props.queuedMs;
    this.cachedTokens = placement.cachedTokens;
    this.priority = props.priority;
    this.#props = props;
    this.#state = placement.state;
    this.#uncachedTokens = job.promptTokens - placement.cachedTokens;
    this.#dispatchedMs = clock.now();
    this.#state.dispatched(this.#dispatchedMs, this.#uncachedTokens, props.activeTokens);
    this.#stopReckoning = job.reportsFirstToken
      ? () => {}
      : clock.after(capacity.prefillMs(this.#state.prefillTokens), () => this.#endPrefill(false));
  }

  firstToken(): void {
    if (!this.#prefilling) return;
    this.#firstTokenMs = this.#props.clock.now();
    this.#endPrefill(true);
  }

  release(outcome: LeaseOutcome = {}): void {
    if (this.#released) return;
    this.#released = true;
    const { activeTokens, onReleased } = this.#props;
    if (!outcome.failed) this.#learn(outcome);
    this.#leavePrefill(false);
    this.#state.released(activeTokens);
    onReleased();
  }

  #endPrefill(seen: boolean): void {
    this.#leavePrefill(seen);
    this.#props.onOpened();
  }

  #leavePrefill(seen: boolean): void {
    if (!this.#prefilling) return;
    this.#prefilling = false;
    this.#stopReckoning();
    this.#state.prefillEnded(this.#props.clock.now(), this.#uncachedTokens, seen);
  }

  #learn({ completionTokens }: LeaseOutcome): void {
    const { capacity, clock } = this.#props;
    const now = clock.now();
    capacity.answered(now - this.#dispatchedMs);
    if (completionTokens === undefined || this.#firstTokenMs === undefined) return;
    capacity.decoded(completionTokens, now - this.#firstTokenMs);
  }
}
