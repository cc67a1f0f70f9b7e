import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";

/** Milliseconds for which a caller counts as active. Source: the contract's five minutes. */
const ACTIVE_MS = 5 * 60_000;
/** Most callers that are counted; a larger five-minute count is of no use. About 2 MB of names. */
const MOST_USERS = 20_000;

export interface ActiveUsersOptions {
  /** Milliseconds of a clock that never goes back. @default `performance.now` */
  readonly now?: () => number;
  /** @default 20,000 */
  readonly most?: number;
}

/** Distinct callers of the last five minutes. The map keeps them in the order in which they were last seen. */
export class ActiveUsers {
  readonly #lastSeen = new Map<string, number>();
  readonly #now: () => number;
  readonly #most: number;

  constructor({ now = () => performance.now(), most = MOST_USERS }: ActiveUsersOptions = {}) {
    this.#now = now;
    this.#most = most;
  }

  seen(caller: string): void {
    this.#lastSeen.delete(caller);
    this.#lastSeen.set(caller, this.#now());
    this.#forget();
  }

  get count(): number {
    this.#forget();
    return this.#lastSeen.size;
  }

  register(registry: Registry): void {
    const count = () => this.count;
    new Gauge({
      name: METRICS.activeUsers,
      help: "Distinct callers in the last five minutes.",
      registers: [registry],
      collect() {
        this.set(count());
      },
    });
  }

  #forget(): void {
    const oldest = this.#now() - ACTIVE_MS;
    for (const [caller, at] of this.#lastSeen) {
      if (at >= oldest && this.#lastSeen.size <= this.#most) return;
      this.#lastSeen.delete(caller);
    }
  }
}
