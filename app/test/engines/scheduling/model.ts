import { ReplayClock } from "../../../bench/scheduler/replay-clock";
import type { DispatchEndpoint } from "../../../src/engines/scheduling/dispatch-endpoint";
import { Dispatcher, type DispatcherOptions } from "../../../src/engines/scheduling/dispatcher";
import type { Job } from "../../../src/engines/scheduling/job";
import type { Lease } from "../../../src/engines/scheduling/lease";
import { NO_PREFIX } from "../../../src/engines/scheduling/prompt-prefix";

/** An endpoint that does nothing by itself. */
export class StillEndpoint implements DispatchEndpoint {
  readonly id: string;
  readonly slots: number;
  isUp = true;
  readonly adapters = new Set<string>();

  constructor(id: string, slots: number) {
    this.id = id;
    this.slots = slots;
  }

  available(): boolean {
    return this.isUp;
  }

  hasAdapter(name: string): boolean {
    return this.adapters.has(name);
  }
}

export function endpoints(...slots: number[]): StillEndpoint[] {
  return slots.map((count, index) => new StillEndpoint(`e${index}`, count));
}

/** A job that by default shares no prefix and waits for ever. */
export function job(settings: Partial<Job> = {}): Job {
  return {
    class: "interactive",
    promptTokens: 100,
    prefix: NO_PREFIX,
    maxTokens: 100,
    timeoutMs: 1e9,
    reportsFirstToken: true,
    ...settings,
  };
}

/** A dispatcher in simulated time, by default without a prefill window. */
export function dispatcherOf(
  fleet: readonly StillEndpoint[],
  settings: Partial<DispatcherOptions<StillEndpoint>> = {},
) {
  const clock = new ReplayClock();
  const dispatcher = new Dispatcher<StillEndpoint>({
    policy: "prefill",
    agingTokensPerSecond: 200,
    maxQueue: 1_000,
    prefillWindowTokens: Number.POSITIVE_INFINITY,
    clock,
    endpoints: () => fleet,
    ...settings,
  });
  return { clock, dispatcher };
}

/** A simulated client's job, and how long it is then served. Milliseconds. */
export interface Ask {
  readonly atMs: number;
  readonly class: Job["class"];
  readonly promptTokens: number;
  /** From the place to the first token, and from there to the end. */
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** When the client leaves, after asking. @default it stays */
  readonly abortAfterMs?: number | undefined;
  readonly prefix?: Job["prefix"] | undefined;
}

/** One place that was given. */
export interface Grant {
  readonly ask: Ask;
  readonly atMs: number;
  readonly endpointId: string;
  /** Requests in flight right after it: there, of all, and of all the batch ones. */
  readonly inFlightThere: number;
  readonly inFlight: number;
  readonly batchInFlight: number;
}

export interface ModelRun {
  /** In the order in which places were given. */
  readonly grants: readonly Grant[];
  /** Asks that got none, and why. */
  readonly refused: readonly { readonly ask: Ask; readonly reason: unknown }[];
  /** Batch requests in flight, each time that changed. */
  readonly batchLevels: readonly { readonly atMs: number; readonly level: number }[];
  /** Requests that the dispatcher thinks are in flight or waiting when all is over. */
  readonly left: number;
}

/** Puts clients in front of a dispatcher and serves them. Every lease is released twice, which must do no harm. */
export async function runModel(
  asks: readonly Ask[],
  fleet: readonly StillEndpoint[],
  settings: Partial<DispatcherOptions<StillEndpoint>> = {},
): Promise<ModelRun> {
  const { clock, dispatcher } = dispatcherOf(fleet, settings);
  const grants: Grant[] = [];
  const refused: ModelRun["refused"][number][] = [];
  const batchLevels: ModelRun["batchLevels"][number][] = [];
  const inFlight = new Map(fleet.map(({ id }) => [id, 0]));
  let batchInFlight = 0;

  const account = (ask: Ask, endpointId: string, change: 1 | -1) => {
    inFlight.set(endpointId, (inFlight.get(endpointId) ?? 0) + change);
    if (ask.class !== "batch") return;
    batchInFlight += change;
    batchLevels.push({ atMs: clock.now(), level: batchInFlight });
  };
  const serve = (ask: Ask, lease: Lease<StillEndpoint>) => {
    const endpointId = lease.endpoint.id;
    account(ask, endpointId, 1);
    const total = [...inFlight.values()].reduce((sum, count) => sum + count, 0);
    const inFlightThere = inFlight.get(endpointId) ?? 0;
    grants.push({ ask, endpointId, inFlightThere, batchInFlight, atMs: clock.now(), inFlight: total });
    clock.after(ask.prefillMs, () => lease.firstToken());
    clock.after(ask.prefillMs + ask.decodeMs, () => {
      account(ask, endpointId, -1);
      lease.release({ completionTokens: 10 });
      lease.release();
    });
  };
  for (const ask of asks) {
    clock.after(ask.atMs, () => {
      const controller = new AbortController();
      if (ask.abortAfterMs !== undefined) clock.after(ask.abortAfterMs, () => controller.abort("left"));
      const { class: requestClass, promptTokens, prefix = NO_PREFIX } = ask;
      dispatcher.acquire(job({ class: requestClass, promptTokens, prefix, signal: controller.signal })).then(
        (lease) => serve(ask, lease),
        (reason: unknown) => refused.push({ ask, reason }),
      );
    });
  }
  await clock.run();
  const left = dispatcher.waiting + fleet.reduce((sum, { id }) => sum + dispatcher.inFlight(id), 0);
  return { grants, refused, batchLevels, left };
}
