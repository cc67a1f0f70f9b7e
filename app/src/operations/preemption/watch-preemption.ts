import type { FastifyBaseLogger } from "fastify";
import type { DrainReason } from "../lifecycle";
import type { Operations } from "../operations";
import { PreemptionWatcher } from "./preemption-watcher";

export interface WatchPreemptionOptions {
  readonly watchPreemption: boolean;
  readonly metadataUrl: string;
}

export interface OnPreemption {
  readonly operations: Operations;
  /** Drains and ends the process. */
  readonly exit: (reason: DrainReason) => void;
  readonly log: FastifyBaseLogger;
}

/** Watches where `WATCH_PREEMPTION` is set. The notice starts degraded mode and the drain that ends the process. */
export function watchPreemption(
  config: WatchPreemptionOptions,
  { operations, exit, log }: OnPreemption,
): Pick<PreemptionWatcher, "stop"> {
  if (!config.watchPreemption) return { stop: async () => {} };
  const watcher = new PreemptionWatcher({
    metadataUrl: config.metadataUrl,
    onPreempted() {
      log.warn("this machine is being preempted");
      operations.preempt();
      exit("preemption");
    },
    onMaintenance: (event) => log.warn({ event }, "the machine's host is going into maintenance"),
    onLost: (err) => log.warn({ err }, "the metadata server does not answer: still asking"),
  });
  watcher.start();
  return watcher;
}
