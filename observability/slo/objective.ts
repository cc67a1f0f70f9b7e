import { TASK_PATHS } from "../../app/src/contract/tasks";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import type { Duration } from "../promql/duration";
import type { Expression } from "../promql/expression";
import { observationRate, observationRateBelow, rate, sum } from "../promql/functions";
import { operate } from "../promql/operators";
import { select } from "../promql/select";

/** What users are promised over {@link SLO_DAYS}. */
export interface Objective {
  /** kebab-case; part of the recorded series' names. */
  readonly name: string;
  readonly title: string;
  /** Share of good events, 0 to 1. */
  readonly target: number;
  /** What counts, in a sentence. */
  readonly counts: string;
  /** Bad events a second. */
  readonly bad: (window: Duration) => Expression;
  /** All events a second. */
  readonly total: (window: Duration) => Expression;
}

/** Days over which an objective is kept: four weeks and some, as the SRE workbook's tables assume. */
export const SLO_DAYS = 30;

/** Seconds to the first token that are good. Source: R-53. One of the histogram's own bounds. */
export const TTFT_TARGET_SECONDS = 2;

/** Routes that users wait for. Health checks, metrics and pages would make every ratio look better than it is. */
export const USER_ROUTES = { regex: TASK_PATHS.join("|") };

const { requests, ttft, slaRequests } = GATEWAY_METRICS;

/** Source: R-53. */
export const AVAILABILITY: Objective = {
  name: "availability",
  title: "Availability",
  target: 0.995,
  counts:
    "Requests to the generation routes. Bad: answered 5xx, so timeouts and refusals while draining too, and streams that end with such an error. 4xx and 429 are not.",
  bad: (window) => sum(rate(select(requests, { route: USER_ROUTES, status: { regex: "5.." } }), window)),
  total: (window) => sum(rate(select(requests, { route: USER_ROUTES }), window)),
};

/** Source: R-53. The share is the one that the 95th percentile of R-88 implies. */
export const FIRST_TOKEN: Objective = {
  name: "first-token",
  title: "First token within 2 s",
  target: 0.95,
  counts: "Streamed generation requests. Bad: the first text came later than 2 s.",
  bad: (window) =>
    operate(sum(observationRate(ttft, window)), "-", sum(observationRateBelow(TTFT_TARGET_SECONDS, ttft, window))),
  total: (window) => sum(observationRate(ttft, window)),
};

/**
 * Source: R-79. By requests and not by tokens: an answer whose first token
 * was not timed adds to the tokens and can never add to the good ones.
 */
export const GOODPUT: Objective = {
  name: "goodput",
  title: "Goodput",
  target: 0.92,
  counts: "Finished generation requests. Bad: they failed, or their first token came later than 2 s.",
  bad: (window) => sum(rate(select(slaRequests, { met: "false" }), window)),
  total: (window) => sum(rate(select(slaRequests), window)),
};

export const OBJECTIVES: readonly Objective[] = [AVAILABILITY, FIRST_TOKEN, GOODPUT];
