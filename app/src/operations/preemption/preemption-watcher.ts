import { setTimeout as delay } from "node:timers/promises";
import { type MetadataValue, metadataValue } from "./metadata-value";

export interface PreemptionWatcherOptions {
  /** E.g. `http://metadata.google.internal`. */
  readonly metadataUrl: string;
  /** Called once, at the notice of preemption: the machine has 30 s left. */
  readonly onPreempted: () => void;
  /**
   * Called at every new maintenance event, e.g. `TERMINATE_ON_HOST_MAINTENANCE`. A machine with a GPU gets an hour's notice
   * (https://cloud.google.com/compute/docs/gpus/gpu-host-maintenance), so nothing is drained yet: the shutdown itself comes
   * as a signal.
   */
  readonly onMaintenance: (event: string) => void;
  /** Called when the metadata server stops answering, once until it answers again. */
  readonly onLost: (cause: unknown) => void;
  /** Milliseconds before the first attempt to reach a lost server again; doubled each time. @default 500 */
  readonly retryMs?: number;
}

/** Longest pause between attempts, in milliseconds: a sixth of a Spot machine's notice. */
const LONGEST_RETRY_MS = 5_000;

/** Values of the metadata server. Source: https://cloud.google.com/compute/docs/instances/create-use-spot#detect-preemption */
const PREEMPTED = { path: "instance/preempted", yes: "TRUE" } as const;
const MAINTENANCE = { path: "instance/maintenance-event", none: "NONE" } as const;

/**
 * Watches the metadata server for this machine's preemption by requests that it answers at a change. A lost server is
 * retried, ever less often but at least every 5 s, and nothing else: a machine that misses its notice still gets the signal
 * of its shutdown.
 */
export class PreemptionWatcher {
  readonly #options: PreemptionWatcherOptions;
  readonly #stop = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();
  #lost = false;

  constructor(options: PreemptionWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    const { onPreempted, onMaintenance } = this.#options;
    this.#watching = Promise.all([
      this.#follow(PREEMPTED.path, (text) => {
        if (text !== PREEMPTED.yes) return true;
        onPreempted();
        return false;
      }),
      this.#follow(MAINTENANCE.path, (text) => {
        if (text !== MAINTENANCE.none) onMaintenance(text);
        return true;
      }),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  /** Calls `onValue` with each new value, until it returns false. */
  async #follow(path: string, onValue: (text: string) => boolean): Promise<void> {
    const { metadataUrl, retryMs = 500 } = this.#options;
    const { signal } = this.#stop;
    // Kept while the server is lost: what changed meanwhile has another tag, and is answered at once.
    let latest: MetadataValue | undefined;
    let pauseMs = retryMs;
    while (!signal.aborted) {
      try {
        const value = await metadataValue({ metadataUrl, path, lastEtag: latest?.etag, signal });
        this.#lost = false;
        pauseMs = retryMs;
        const changed = value.text !== latest?.text;
        latest = value;
        if (changed && !onValue(value.text)) return;
        // A server that does not wait must not be polled in a tight loop.
        if (!changed) await this.#pause(retryMs);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#report(thrown);
        await this.#pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    // Rejects only on abort, which the loop checks next.
    await delay(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }

  #report(cause: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#options.onLost(cause);
  }
}
