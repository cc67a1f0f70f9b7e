import type { EngineHost } from "../../../src/engines/adapters/engine-host";
import type { Clock } from "../../../src/shared/clock";
import { AppError } from "../../../src/shared/errors/app-error";

/** A call to the engine. */
export type HostCall = readonly [what: "load" | "unload" | "list" | "smoke", name: string];

/** An engine endpoint in memory, with a limit of adapters, that can be made to refuse. */
export class FakeHost implements EngineHost {
  readonly id: string;
  readonly calls: HostCall[] = [];
  readonly loaded = new Set<string>();
  readonly refused = new Set<string>();
  /** Awaited before a load is answered. */
  beforeLoad: () => Promise<void> = async () => {};
  beforeUnload: () => Promise<void> = async () => {};
  #answer = "yes";
  up = true;
  /** Whether it counts as available though it is down: its circuit is half-open. */
  halfOpen = false;
  readonly #limit: number;

  constructor(id: string, limit = Number.POSITIVE_INFINITY) {
    this.id = id;
    this.#limit = limit;
  }

  available(): boolean {
    return this.up || this.halfOpen;
  }

  async loadAdapter(name: string): Promise<void> {
    this.calls.push(["load", name]);
    await this.beforeLoad();
    if (this.refused.has(name) || this.loaded.has(name) || this.loaded.size >= this.#limit)
      throw new Error(`${this.id} refuses ${name}`);
    this.loaded.add(name);
  }

  async unloadAdapter(name: string): Promise<void> {
    this.calls.push(["unload", name]);
    await this.beforeUnload();
    if (!this.loaded.delete(name)) throw new Error(`${this.id} has no ${name}`);
  }

  async listModels(): Promise<readonly string[]> {
    this.calls.push(["list", ""]);
    if (!this.up) throw new Error(`${this.id} is down`);
    return ["base", ...this.loaded];
  }

  async smoke(name: string): Promise<string> {
    this.calls.push(["smoke", name]);
    if (!this.loaded.has(name)) throw new AppError("UNKNOWN_ADAPTER", { params: { adapter: name } });
    return this.#answer;
  }

  /** From now on this adapter is not loaded here. */
  refuse(name: string): void {
    this.refused.add(name);
  }

  /** Sets the text that every adapter answers here. */
  answerWith(text: string): void {
    this.#answer = text;
  }

  count(what: HostCall[0], name: string): number {
    return this.calls.filter((call) => call[0] === what && call[1] === name).length;
  }
}

/** Time that a test moves. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs what falls due on the way. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}
