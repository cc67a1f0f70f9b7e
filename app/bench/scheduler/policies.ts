import { Dispatcher, type DispatcherOptions } from "../../src/scheduling/dispatcher";
import type { Order } from "../../src/scheduling/order";
import type { Policy, ReplayEndpoint } from "./replay";

/** The default of `AGING_TOKENS_PER_S`. */
const AGING = 200;

/** The gateway's own dispatcher, with the settings it has unless told otherwise. */
function dispatcher(settings: Partial<DispatcherOptions<ReplayEndpoint>>): Policy {
  return (clock, endpoints) =>
    new Dispatcher({
      policy: "prefill",
      agingTokensPerSecond: AGING,
      maxQueue: Number.POSITIVE_INFINITY,
      clock,
      endpoints: () => endpoints,
      ...settings,
    });
}

/** By raw length: what the third document asks for, and does not stop to ask what is cached or how long one waits. */
const RAW_LENGTH: Order = { key: ({ promptTokens }) => promptTokens, classes: false };

export const OURS = dispatcher({});
export const FIFO = dispatcher({ policy: "fifo" });
export const SJF = dispatcher({ order: RAW_LENGTH });
/** As if there were no window: every request is sent on while there is a place, and waits in the engine. */
export const UNGATED_FIFO = dispatcher({ policy: "fifo", prefillWindowTokens: Number.POSITIVE_INFINITY });

export function ours(settings: Partial<DispatcherOptions<ReplayEndpoint>>): Policy {
  return dispatcher(settings);
}
