import { request } from "undici";

/** DCGM itself samples once a second, and the load balancer averages over tens of seconds. */
const POLL_INTERVAL_MS = 5_000;
/** Milliseconds after which a figure is too old to report: two polls may fail. */
const MAX_AGE_MS = 3 * POLL_INTERVAL_MS;
/** One line for each GPU, in percent. */
const UTILIZATION_LINE = /^DCGM_FI_DEV_GPU_UTIL\{[^}]*\} ([0-9.]+)$/gm;

/** The busiest GPU in a page of dcgm-exporter, 0 to 1; `undefined` where the page names none. */
export function busiestGpu(page: string): number | undefined {
  const percents = [...page.matchAll(UTILIZATION_LINE)].map(([, percent]) => Number(percent)).filter(Number.isFinite);
  return percents.length === 0 ? undefined : Math.min(1, Math.max(...percents) / 100);
}

/** Keeps the utilization of this machine's busiest GPU at hand, so that no answer waits for DCGM. */
export class GpuUtilization {
  readonly #url: string;
  readonly #stop = new AbortController();
  #latest: { readonly value: number; readonly at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** 0 to 1; `undefined` while DCGM does not answer. */
  get value(): number | undefined {
    const latest = this.#latest;
    return latest !== undefined && performance.now() - latest.at <= MAX_AGE_MS ? latest.value : undefined;
  }

  /** Polls at once and then every 5 s, until {@link stop}. */
  start(): void {
    void this.#poll();
    this.#timer = setInterval(() => void this.#poll(), POLL_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  async #poll(): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(POLL_INTERVAL_MS)]);
    try {
      const { statusCode, body } = await request(this.#url, { signal });
      const value = busiestGpu(await body.text());
      if (statusCode === 200 && value !== undefined) this.#latest = { value, at: performance.now() };
    } catch {
      // A report without the GPU is still right about the queue, and an absent DCGM has an alert of its own.
    }
  }
}
