import { METRICS } from "../../contract/metrics";
import { TASK_PATHS } from "../../contract/tasks";

/** DCGM's own name. https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html */
const GPU_UTILIZATION = "DCGM_FI_DEV_GPU_UTIL";

/** The queries to Prometheus for a target. */
export interface Queries {
  readonly gpuPercent: string;
  readonly requests: string;
  readonly underWay: string;
}

/**
 * Each query's value at a time covers the seconds before it. A counter appears with its first request,
 * which `increase` then does not see: the gauges of the same gateway do.
 */
export function queries(matchers: string, seconds: number): Queries {
  const of = (metric: string, more = "") => `${metric}{${[matchers, more].filter((part) => part !== "").join(",")}}`;
  const most = (metric: string) => `sum(max_over_time(${of(metric)}[${seconds}s]))`;
  // Of the tasks alone: probes and operators send the other requests.
  const routes = `route=~"${TASK_PATHS.map(escapedForRegExp).join("|")}"`;
  return {
    gpuPercent: `max(max_over_time(${of(GPU_UTILIZATION)}[${seconds}s]))`,
    requests: [
      `(sum(increase(${of(METRICS.requests, routes)}[${seconds}s])) or vector(0))`,
      most(METRICS.recentTokensPerSecond),
      most(METRICS.recentTtftP95),
    ].join(" + "),
    underWay: `${most(METRICS.inFlight)} + ${most(METRICS.pendingRequests)}`,
  };
}

/** The text as a regular expression inside a PromQL string, where a backslash must be doubled. */
export function escapedForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\\\$&");
}
