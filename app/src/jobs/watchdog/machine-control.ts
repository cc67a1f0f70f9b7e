/** A machine, or a pool of machines, that can be stopped. */
export interface Target {
  readonly name: string;
  /** Prometheus' matchers of its metrics, as inside `{}`. */
  readonly matchers: string;
  /**
   * Base URLs of its gateways, whose metrics are read right before it is stopped; empty where they cannot be reached
   * from here.
   */
  readonly gateways: readonly string[];
  /** @default as long as Prometheus has readings of it */
  readonly startedAt: Date | undefined;
  /**
   * Stops it, or what of it may be stopped; work that arrives in the last moment is finished by its drain. @returns
   * what was requested
   */
  stop(): Promise<string>;
  /** What {@link stop} would do. */
  readonly action: string;
}

/** Finds machines and stops them. */
export interface MachineControl {
  /** Those that run and may be stopped, of which some may have to stay. */
  targets(): Promise<readonly Target[]>;
  /** Targets that must stay up. */
  readonly floor: number;
}
