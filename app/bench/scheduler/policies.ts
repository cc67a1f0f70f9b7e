import { Dispatcher, type DispatcherOptions } from "../../src/engines/scheduling/dispatcher";
import type { Order } from "../../src/engines/scheduling/order";
import { ORACLE } from "./oracle";
import type { Policy, ReplayEndpoint } from "./replay";

/** The default of `AGING_TOKENS_PER_S`. */
const AGING = 200;

/** The gateway's own dispatcher, with its default settings. */
function dispatcher(settings: Partial<DispatcherOptions<ReplayEndpoint>> = {}): Policy {
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

/** By raw length, as R-27 has it: without regard to what is cached, to classes, and to waiting time. */
const RAW_LENGTH: Order = { key: ({ promptTokens }) => promptTokens, classes: false };

export const FIFO_POLICY = dispatcher({ policy: "fifo" });

/** Names of the two policies that are compared. */
export const BASE = "FIFO";
export const SUBJECT = "uncached prefill, aged";

export type Policies = Readonly<Record<string, Policy>>;

/** All place requests in the same way, behind the same window, unless their name gives another. */
export const POLICIES: Policies = {
  [BASE]: FIFO_POLICY,
  "FIFO, queue in the engine": dispatcher({ policy: "fifo", prefillWindowTokens: Number.POSITIVE_INFINITY }),
  "SJF by raw length": dispatcher({ order: RAW_LENGTH }),
  [SUBJECT]: dispatcher(),
  oracle: ORACLE,
};

/** The subject with one setting changed at a time. */
export const SWEEP: Policies = {
  [BASE]: FIFO_POLICY,
  [SUBJECT]: dispatcher(),
  ...Object.fromEntries(
    [1, 256, 1_024, 2_048, Number.POSITIVE_INFINITY].map((tokens) => [
      `window of ${tokens} tokens`,
      dispatcher({ prefillWindowTokens: tokens }),
    ]),
  ),
  ...Object.fromEntries(
    [50, 100, 400, 1_000].map((tokens) => [`ageing ${tokens} tokens/s`, dispatcher({ agingTokensPerSecond: tokens })]),
  ),
};
