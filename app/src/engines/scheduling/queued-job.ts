import type { Clock } from "../../shared/clock";
import { AppError } from "../../shared/errors/app-error";
import type { DispatchEndpoint } from "./dispatch-endpoint";
import type { Job } from "./job";
import type { Lease } from "./lease";
import type { Waiting } from "./waiting-queue";

/** A job in the queue, until it gets a lease, its time is over, or its client leaves. */
export class QueuedJob<E extends DispatchEndpoint> implements Waiting {
  readonly job: Job;
  readonly arrivedMs: number;
  readonly sequence: number;
  /** The place, when it is the job's turn. @throws AppError QUEUE_TIMEOUT, or the job's signal's reason */
  readonly lease: Promise<Lease<E>>;
  // The queue's to fill in.
  key = 0;
  heapIndex = -1;
  uncachedTokens = 0;
  missing: number | undefined = undefined;
  readonly #stopWaiting: () => void;
  readonly #leave: (reason: unknown) => void;
  #resolve: (lease: Lease<E>) => void = () => {};

  /** @param onLeave called when the job gives up waiting, so that it can be taken out of the queue */
  constructor(job: Job, sequence: number, clock: Clock, onLeave: () => void) {
    this.job = job;
    this.sequence = sequence;
    this.arrivedMs = clock.now();
    let reject: (reason: unknown) => void = () => {};
    this.lease = new Promise((resolve, rejectLease) => {
      this.#resolve = resolve;
      reject = rejectLease;
    });
    const leave = (reason: unknown) => {
      this.#stopWaiting();
      onLeave();
      reject(reason);
    };
    this.#leave = leave;
    const abandon = () => leave(job.signal?.reason);
    const stopClock = clock.after(job.timeoutMs, () =>
      leave(new AppError("QUEUE_TIMEOUT", { params: { seconds: job.timeoutMs / 1_000 } })),
    );
    job.signal?.addEventListener("abort", abandon, { once: true });
    this.#stopWaiting = () => {
      stopClock();
      job.signal?.removeEventListener("abort", abandon);
    };
  }

  /** Ends the waiting. The job must have left the queue. */
  granted(lease: Lease<E>): void {
    this.#stopWaiting();
    this.#resolve(lease);
  }

  /** Ends the waiting with an error, and takes the job out of the queue. */
  failed(reason: unknown): void {
    this.#leave(reason);
  }

  /** Ends the waiting without settling the job: for one that never queued. */
  refused(): void {
    this.#stopWaiting();
  }
}
