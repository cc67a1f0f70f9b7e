import type { Clock } from "../../shared/clock";
import type { AnyAdapter } from "./adapter";
import { AdapterNotLoadedError, NoRoomError } from "./adapter-not-loaded";
import { loraPath } from "./adapter-uri";
import type { EngineHost } from "./engine-host";
import { type Eviction, LEAST_RECENTLY_USED } from "./eviction";

/** An adapter and where the engine finds it. */
export interface Loadable {
  readonly name: string;
  /** vLLM's `lora_path`. */
  readonly path: string;
}

export function loadable({ name, uri }: Pick<AnyAdapter, "name" | "uri">): Loadable {
  return { name, path: loraPath(uri) };
}

export const ADAPTER_LOAD_RESULTS = ["loaded", "failed", "unloaded"] as const;

export type AdapterLoadResult = (typeof ADAPTER_LOAD_RESULTS)[number];

export interface AdapterSlotsOptions {
  readonly host: EngineHost;
  /** The engine's `--max-loras`. */
  readonly limit: number;
  readonly clock: Clock;
  /** Whether the registry has a name; other adapters that an engine lists are not ours to unload. */
  readonly known: (name: string) => boolean;
  /** Called after every load and unload. */
  readonly onResult: (result: AdapterLoadResult, name: string, cause?: unknown) => void;
  /** Ends every exchange with the engine. */
  readonly stopped: AbortSignal;
}

/**
 * Milliseconds for which requests do not retry an adapter that the engine refused: each would wait for the same refusal.
 * Reconciliation tries again every 30 s, an activation at once.
 */
const REFUSED_MS = 10_000;
/**
 * Milliseconds for one load or unload: an adapter of rank 16 for 12B is 131 MB (docs/capacity.md), read from a bucket
 * at 10 MB/s.
 */
const EXCHANGE_MS = 20_000;

/** A load under way. */
interface Load {
  readonly mayLeave: Eviction;
  readonly done: Promise<void>;
}

interface Entry {
  loaded: boolean;
  /** Requests that use it, or wait for it. */
  holds: number;
  lastUsed: number;
  refusedAt: number | undefined;
}

/**
 * The adapters of one endpoint: at most `limit`, the least recently used leaves for another, and one that a request
 * uses or waits for never leaves. Loads and unloads happen one after the other, each adapter's load once however many
 * requests wait for it.
 */
export class AdapterSlots {
  readonly #options: AdapterSlotsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Load>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: AdapterSlotsOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#entries].flatMap(([name, entry]) => (entry.loaded ? [name] : []));
  }

  has(name: string): boolean {
    return this.#entries.get(name)?.loaded === true;
  }

  /** Requests that use the adapter or wait for it. */
  holds(name: string): number {
    return this.#entries.get(name)?.holds ?? 0;
  }

  /**
   * Keeps the adapter here for a request, loading it first where it is missing.
   * @returns a function that lets it go; further calls do nothing
   * @throws AdapterNotLoadedError when it cannot be had, or not before `signal` aborts
   */
  async hold(adapter: Loadable, signal: AbortSignal): Promise<() => void> {
    const entry = this.#entry(adapter.name);
    // Counted before it is loaded: else the next load could choose it to leave before this request runs on.
    entry.holds += 1;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      entry.holds -= 1;
      entry.lastUsed = this.#options.clock.now();
    };
    if (entry.loaded) return release;
    try {
      if (this.#recentlyRefused(entry)) throw new AdapterNotLoadedError(`${adapter.name} was refused a moment ago`);
      await unlessAborted(this.load(adapter, LEAST_RECENTLY_USED), signal);
      return release;
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /**
   * Loads the adapter where it is missing.
   * @throws AdapterNotLoadedError when the engine refuses it, or no resident may leave for it
   */
  load(adapter: Loadable, mayLeave: Eviction): Promise<void> {
    const entry = this.#entry(adapter.name);
    if (entry.loaded) return Promise.resolve();
    const running = this.#loading.get(adapter.name);
    if (running?.mayLeave === mayLeave) return running.done;
    if (running !== undefined) return this.#joined(running, adapter, mayLeave);
    const done = this.#inTurn(() => this.#load(adapter, entry, mayLeave)).finally(() =>
      this.#loading.delete(adapter.name),
    );
    this.#loading.set(adapter.name, { mayLeave, done });
    return done;
  }

  /** Another caller's load; where it found no room, this caller may evict what the other one may not. */
  async #joined(running: Load, adapter: Loadable, mayLeave: Eviction): Promise<void> {
    try {
      await running.done;
    } catch (thrown) {
      if (!(thrown instanceof NoRoomError)) throw thrown;
      await this.load(adapter, mayLeave);
    }
  }

  /** Unloads an idle adapter. @returns false where a request uses it, and it stays */
  unload(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const entry = this.#entries.get(name);
      if (entry === undefined || !entry.loaded) return true;
      if (entry.holds > 0) return false;
      await this.#unload(name, entry);
      return true;
    });
  }

  /** Lists what the engine has; an engine that was restarted has nothing. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  /** The engine answered 404 for the adapter. */
  lost(name: string): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.loaded = false;
  }

  async #load({ name, path }: Loadable, entry: Entry, mayLeave: Eviction): Promise<void> {
    const { host, onResult } = this.#options;
    if (entry.loaded) return;
    let refused = false;
    const request = async () => {
      refused = true;
      await host.loadAdapter(name, path, this.#deadline());
      refused = false;
    };
    try {
      await this.#makeRoom(mayLeave);
      try {
        await request();
      } catch (thrown) {
        // Another gateway may have loaded it, or taken the room that seemed free.
        await this.#refresh();
        if (entry.loaded) return;
        if (!(await this.#makeRoom(mayLeave))) throw thrown;
        await request();
      }
      entry.loaded = true;
      entry.refusedAt = undefined;
      entry.lastUsed = this.#options.clock.now();
      onResult("loaded", name);
    } catch (thrown) {
      // A request may find room where the reconciler may make none.
      const spared = thrown instanceof NoRoomError && thrown.spared;
      if (!spared) onResult("failed", name, thrown);
      if (thrown instanceof NoRoomError) throw thrown;
      if (refused) entry.refusedAt = this.#options.clock.now();
      throw new AdapterNotLoadedError(`${name} was not loaded on ${host.id}`, { cause: thrown });
    }
  }

  /** @returns whether an adapter was unloaded */
  async #makeRoom(mayLeave: Eviction): Promise<boolean> {
    const { limit, host } = this.#options;
    let left = false;
    while (this.names.length >= limit) {
      const idle = [...this.#entries].filter(([, entry]) => entry.loaded && entry.holds === 0);
      const candidates = idle
        .filter(([name]) => mayLeave(name) !== "never")
        .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
      const oldest = candidates.find(([name]) => mayLeave(name) === "first") ?? candidates[0];
      if (oldest === undefined) throw new NoRoomError(`all ${limit} places of ${host.id} are in use`, idle.length > 0);
      await this.#unload(...oldest);
      left = true;
    }
    return left;
  }

  async #unload(name: string, entry: Entry): Promise<void> {
    const { host, onResult } = this.#options;
    // From here on a new request waits for it to be loaded again, behind this.
    entry.loaded = false;
    try {
      await host.unloadAdapter(name, this.#deadline());
      onResult("unloaded", name);
    } catch (thrown) {
      await this.#refresh();
      if (entry.loaded) throw thrown;
    }
  }

  async #refresh(): Promise<void> {
    const { host, known } = this.#options;
    const listed = new Set(await host.listModels(this.#deadline()));
    // One that is being loaded here is ours, also where another gateway registered it a moment ago.
    for (const name of listed) if (known(name) || this.#entries.has(name)) this.#entry(name).loaded = true;
    for (const [name, entry] of this.#entries) if (!listed.has(name)) entry.loaded = false;
  }

  #entry(name: string): Entry {
    const found = this.#entries.get(name);
    if (found !== undefined) return found;
    const entry: Entry = { loaded: false, holds: 0, lastUsed: this.#options.clock.now(), refusedAt: undefined };
    this.#entries.set(name, entry);
    return entry;
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(EXCHANGE_MS), this.#options.stopped]);
  }

  #recentlyRefused({ refusedAt }: Entry): boolean {
    return refusedAt !== undefined && this.#options.clock.now() - refusedAt < REFUSED_MS;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Rejects when the signal aborts; the work itself goes on. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new AdapterNotLoadedError("not loaded in time", { cause: signal.reason }));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
