import { setTimeout as delay } from "node:timers/promises";
import type { HealthCheckName } from "../../config/serving-variables";

/** The outcome of one check. */
export interface CheckResult {
  readonly ok: boolean;
  /** What was measured, with its limit. Fit for everyone who may read `/health`: no address, no text of another server. */
  readonly reason: string;
}

/** One check of `/health`. */
export interface HealthCheck {
  readonly name: HealthCheckName;
  /** A rejection counts as a failure; the signal aborts at the check's timeout. */
  check(signal: AbortSignal): Promise<CheckResult>;
}

/** Those of the configured checks that `HEALTH_CHECKS` names; all where it is unset. */
export function selectedChecks(
  configured: readonly HealthCheck[],
  names: readonly HealthCheckName[] | undefined,
): HealthCheck[] {
  return configured.filter(({ name }) => names === undefined || names.includes(name));
}

export interface HealthMonitorOptions {
  /** Milliseconds for each check. @default 2000, R-102 */
  readonly timeoutMs?: number;
  /** Milliseconds for which results are used again. @default 1000, R-102 */
  readonly cacheMs?: number;
  /** Milliseconds of a clock that never goes back. @default `performance.now` */
  readonly now?: () => number;
}

/** Runs all checks concurrently, each within its timeout, at most once a second for all callers together. */
export class HealthMonitor {
  readonly #checks: readonly HealthCheck[];
  readonly #timeoutMs: number;
  readonly #cacheMs: number;
  readonly #now: () => number;
  #latest: { readonly results: Promise<ReadonlyMap<HealthCheckName, CheckResult>>; readonly at: number } | undefined;

  constructor(checks: readonly HealthCheck[], options: HealthMonitorOptions = {}) {
    this.#checks = checks;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#cacheMs = options.cacheMs ?? 1_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Never rejects: a check that throws has failed. */
  results(): Promise<ReadonlyMap<HealthCheckName, CheckResult>> {
    const now = this.#now();
    if (this.#latest === undefined || now - this.#latest.at >= this.#cacheMs) {
      this.#latest = { results: this.#run(), at: now };
    }
    return this.#latest.results;
  }

  async #run(): Promise<ReadonlyMap<HealthCheckName, CheckResult>> {
    const results = this.#checks.map(async (check) => [check.name, await this.#within(check)] as const);
    return new Map(await Promise.all(results));
  }

  async #within(check: HealthCheck): Promise<CheckResult> {
    const limit = new AbortController();
    const done = new AbortController();
    // A race, because a check may ignore its signal.
    const late = delay(this.#timeoutMs, undefined, { signal: done.signal }).then(() => {
      limit.abort();
      return { ok: false, reason: `no answer within ${this.#timeoutMs} ms` };
    });
    late.catch(() => {});
    try {
      return await Promise.race([check.check(limit.signal), late]);
    } catch {
      return { ok: false, reason: "the check failed" };
    } finally {
      done.abort();
    }
  }
}
