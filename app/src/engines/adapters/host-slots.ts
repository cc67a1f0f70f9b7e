import type { Clock } from "../../shared/clock";
import { type AdapterLoadResult, AdapterSlots } from "./adapter-slots";
import type { EngineHost, EngineHosts } from "./engine-host";

export interface HostSlotsOptions {
  readonly hosts: EngineHosts;
  /** The engines' `--max-loras`. */
  readonly maxLoras: number;
  readonly clock: Clock;
  readonly known: (name: string) => boolean;
  readonly onResult: (result: AdapterLoadResult, name: string, host: EngineHost, cause?: unknown) => void;
  /** Ends every exchange with the engines. */
  readonly stopped: AbortSignal;
}

/** The engines with the adapters that each of them has. */
export class HostSlots {
  readonly #options: HostSlotsOptions;
  /** An endpoint that is gone takes its entry with it. */
  readonly #slots = new WeakMap<EngineHost, AdapterSlots>();

  constructor(options: HostSlotsOptions) {
    this.#options = options;
  }

  /** Every endpoint of a model. */
  hostsOf(baseModel: string): readonly EngineHost[] {
    return this.#options.hosts.hostsOf(baseModel);
  }

  slotsOf(host: EngineHost): AdapterSlots {
    const found = this.#slots.get(host);
    if (found !== undefined) return found;
    const { maxLoras: limit, clock, known, onResult, stopped } = this.#options;
    const slots = new AdapterSlots({
      host,
      limit,
      clock,
      known,
      stopped,
      onResult: (result, name, cause) => onResult(result, name, host, cause),
    });
    this.#slots.set(host, slots);
    return slots;
  }

  /** Ids of the endpoints that have an adapter, and the requests of this gateway that use it. */
  residence(name: string, baseModel: string): { readonly loadedOn: string[]; readonly inFlight: number } {
    const hosts = this.hostsOf(baseModel);
    return {
      loadedOn: hosts.filter((host) => this.slotsOf(host).has(name)).map((host) => host.id),
      inFlight: hosts.reduce((sum, host) => sum + this.slotsOf(host).holds(name), 0),
    };
  }
}
