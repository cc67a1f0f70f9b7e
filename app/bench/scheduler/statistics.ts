import type { ReplayedRequest } from "./replay";

/** Milliseconds to the first token that count as good. Source: R-53. */
const SLA_TTFT_MS = 2_000;

/** Tokens up to which a prompt is short: what one step of an L4 reads. */
const SHORT_TOKENS = 2_048;

export interface Distribution {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Outcome of a replay. Milliseconds, unless another unit is given. */
export interface Statistics {
  /** Share of interactive requests that had their first token in time. */
  readonly sla: number;
  /** The same of all requests, batch ones included, whose first token no client waits for. */
  readonly slaOfAll: number;
  /** TTFT of interactive requests. */
  readonly short: Distribution;
  readonly long: Distribution;
  /** TTFT of batch requests. */
  readonly batch: Distribution;
  /** Answer tokens a second of requests that met the SLA. */
  readonly goodput: number;
  /** Longest time from arrival until an engine began to read the prompt, of interactive and of batch requests. */
  readonly worstWait: number;
  readonly worstBatchWait: number;
  /** Share of prompt tokens that came from a prefix cache. */
  readonly cached: number;
}

export function statisticsOf(served: readonly ReplayedRequest[]): Statistics {
  const interactive = served.filter(({ request }) => request.class === "interactive");
  const batch = served.filter(({ request }) => request.class === "batch");
  const good = interactive.filter(isGood);
  const lastsSeconds =
    (Math.max(...served.map(({ endedMs }) => endedMs)) - Math.min(...served.map((one) => one.request.atMs))) / 1_000;
  return {
    sla: good.length / interactive.length,
    slaOfAll: served.filter(isGood).length / served.length,
    short: distribution(interactive.filter(isShort)),
    long: distribution(interactive.filter((one) => !isShort(one))),
    batch: distribution(batch),
    goodput: sum(good, ({ request }) => request.answerTokens) / lastsSeconds,
    worstWait: Math.max(...interactive.map(({ waitMs }) => waitMs)),
    worstBatchWait: Math.max(0, ...batch.map(({ waitMs }) => waitMs)),
    cached: sum(served, ({ cachedTokens }) => cachedTokens) / sum(served, ({ promptTokens }) => promptTokens),
  };
}

function isGood({ ttftMs }: ReplayedRequest): boolean {
  return ttftMs < SLA_TTFT_MS;
}

function isShort({ promptTokens }: ReplayedRequest): boolean {
  return promptTokens <= SHORT_TOKENS;
}

function distribution(served: readonly ReplayedRequest[]): Distribution {
  const sorted = served.map(({ ttftMs }) => ttftMs).sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return {
    mean: sorted.reduce((total, ttft) => total + ttft, 0) / Math.max(1, sorted.length),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
  };
}

function sum(served: readonly ReplayedRequest[], of: (one: ReplayedRequest) => number): number {
  return served.reduce((total, one) => total + of(one), 0);
}

/** The mean of several replays. */
export function meanOf(all: readonly Statistics[]): Statistics {
  const mean = (of: (one: Statistics) => number) => all.reduce((total, one) => total + of(one), 0) / all.length;
  const meanDistribution = (of: (one: Statistics) => Distribution): Distribution => ({
    mean: mean((one) => of(one).mean),
    p50: mean((one) => of(one).p50),
    p95: mean((one) => of(one).p95),
    p99: mean((one) => of(one).p99),
  });
  return {
    sla: mean((one) => one.sla),
    slaOfAll: mean((one) => one.slaOfAll),
    short: meanDistribution((one) => one.short),
    long: meanDistribution((one) => one.long),
    batch: meanDistribution((one) => one.batch),
    goodput: mean((one) => one.goodput),
    worstWait: mean((one) => one.worstWait),
    worstBatchWait: mean((one) => one.worstBatchWait),
    cached: mean((one) => one.cached),
  };
}
