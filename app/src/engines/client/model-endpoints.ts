import { lookup } from "node:dns/promises";
import type { Dispatcher } from "undici";
import { type ModelTarget, targetUrls } from "../../config/model-table";
import type { Clock } from "../../shared/clock";
import { Endpoint } from "./endpoint";
import type { ModelFamily } from "./model-family";

/** Addresses of a host, in any order. Rejects, or gives none, where it has none at the moment. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Every A and AAAA record, through the system's resolver, so that search domains and `/etc/hosts` hold as for any other
 * connection.
 */
export const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Milliseconds between two looks at the records of a headless Service: CoreDNS keeps them for 5 s on Kubernetes. */
const RESOLVE_EVERY_MS = 5_000;

export interface ModelEndpointsOptions {
  readonly target: ModelTarget;
  readonly apiKey?: string | undefined;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** Milliseconds of a short answer outside the queue. */
  readonly timeoutMs: number;
  readonly resolve: Resolve;
  /** Family of the model. */
  readonly family: ModelFamily;
  /** Called when an endpoint came, went, or may take requests again. */
  readonly onChange: () => void;
}

/**
 * The engines of one model: those that the table names, or every address behind one name. An endpoint that leaves the
 * records gets no new request and finishes what it carries; one whose record returns is the same endpoint again. Where
 * the name cannot be resolved, or resolves to nothing, the last known endpoints stay: a failing resolver must not take
 * down engines that work, and those that do not are found out by their circuit breakers.
 */
export class ModelEndpoints {
  readonly #options: ModelEndpointsOptions;
  #current: readonly Endpoint[] = [];
  #stopTimer: () => void = () => {};
  #stopped = false;

  constructor(options: ModelEndpointsOptions) {
    this.#options = options;
    if (options.target.discovery !== "dns") {
      this.#current = targetUrls(options.target).map((baseUrl) => this.#endpoint(baseUrl, undefined));
    }
  }

  get endpoints(): readonly Endpoint[] {
    return this.#current;
  }

  /** Resolves after the first look at the records; static endpoints are there from the beginning. */
  async start(): Promise<void> {
    if (this.#options.target.discovery === "dns") await this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  async #look(): Promise<void> {
    const url = new URL(this.#options.target.baseUrl ?? "");
    try {
      this.#adopt(url, await this.#options.resolve(url.hostname));
    } catch {
      // Kept: see the class.
    }
    if (!this.#stopped) this.#stopTimer = this.#options.clock.after(RESOLVE_EVERY_MS, () => void this.#look());
  }

  #adopt(url: URL, addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    const known = new Map(this.#current.map((endpoint) => [endpoint.baseUrl, endpoint]));
    const urls = [...new Set(addresses)].toSorted().map((address) => {
      const host = address.includes(":") ? `[${address}]` : address;
      return `${url.protocol}//${host}:${url.port || "80"}${url.pathname}`;
    });
    if (urls.length === known.size && urls.every((baseUrl) => known.has(baseUrl))) return;
    this.#current = urls.map((baseUrl) => known.get(baseUrl) ?? this.#endpoint(baseUrl, url.host));
    this.#options.onChange();
  }

  #endpoint(baseUrl: string, host: string | undefined): Endpoint {
    const { target, resolve: _resolve, ...shared } = this.#options;
    return new Endpoint({ ...shared, baseUrl, host, slots: target.concurrency });
  }
}
