import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract";

/** What the gateway works with, under its name in `gateway_dependency_up`. */
export type DependencyName = "engine" | "postgresql" | "redis" | "vectors";

/** Which dependencies answer. Whoever talks to one tells. */
export class Dependencies {
  readonly #up = new Map<DependencyName, () => boolean>();

  /** Tells what the last call to the dependency saw. */
  set(name: DependencyName, up: boolean): void {
    this.#up.set(name, () => up);
  }

  /** Looks itself, whenever it is read. */
  watch(name: DependencyName, up: () => boolean): void {
    this.#up.set(name, up);
  }

  register(registry: Registry): void {
    const up = this.#up;
    new Gauge({
      name: METRICS.dependencyUp,
      help: "1 while the dependency answers.",
      labelNames: ["dependency"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [dependency, answers] of up) this.set({ dependency }, answers() ? 1 : 0);
      },
    });
  }
}
