import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import type { GoodputTracker } from "../goodput/goodput-tracker";
import type { ActivityTracker } from "./activity-tracker";
import { engineLoad } from "./engine-load";
import type { EnginesView } from "./engines-view";

export interface RecentMetricsSources {
  readonly activity: ActivityTracker;
  readonly goodput: GoodputTracker;
  readonly engines: EnginesView;
}

/**
 * Gauges for readers that can neither compute a quantile nor a rate: the agent that writes Cloud Monitoring's custom
 * metrics, and autoscalers. A service without traffic reads 0, not the last figure that it had.
 */
export function registerRecentMetrics(registry: Registry, { activity, goodput, engines }: RecentMetricsSources): void {
  const figures: readonly (readonly [name: string, help: string, read: () => number | Promise<number>])[] = [
    [
      METRICS.recentTtftP95,
      "95th percentile of the seconds to the first token over the last minute; 0 without traffic.",
      () => (activity.latestTtftP95Ms ?? 0) / 1000,
    ],
    [
      METRICS.recentTpot,
      "Mean seconds between tokens over the last minute; 0 without traffic.",
      () => (activity.latestTpotMs ?? 0) / 1000,
    ],
    [
      METRICS.recentTokensPerSecond,
      "Completion tokens a second over the last minute.",
      () => goodput.oneMinute.throughputTps,
    ],
    [
      METRICS.pendingRequests,
      "Requests that wait in the scheduler and in the engines.",
      async () => engines.queued() + ((await engineLoad(engines.baseUrls()))?.waiting ?? 0),
    ],
  ];
  for (const [name, help, read] of figures) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  }
}
