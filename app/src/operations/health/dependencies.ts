import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";

/** What the gateway works with, under its name in `gateway_dependency_up`. */
export type DependencyName = "engine" | "postgresql" | "redis" | "vectors";

/** Which dependencies answer, as reported by their clients. */
export class Dependencies {
  readonly #up = new Map<DependencyName, () => boolean>();

  /** Sets the outcome of the last call to the dependency. */
  set(name: DependencyName, up: boolean): void {
    this.#up.set(name, () => up);
  }

  /** Evaluates `up` at every scrape. */
  watch(name: DependencyName, up: () => boolean): void {
    this.#up.set(name, up);
  }

  register(registry: Registry): void {
    const up = this.#up;
    new Gauge({
      name: METRICS.dependencyUp,
      help: "1 while the dependency answers; 0 also while it hangs and its circuit is open.",
      labelNames: ["dependency"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [dependency, answers] of up) this.set({ dependency }, answers() ? 1 : 0);
      },
    });
  }
}
