import { TASKS } from "../../app/src/contract/tasks";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import type { Alert, ExampleSeries } from "../rules/alert";
import { burnRateAlerts } from "./burn-rate-alerts";
import { AVAILABILITY, FIRST_TOKEN, GOODPUT } from "./objective";

const series = (bad: string, good: string, badSelector: string, goodSelector: string): ExampleSeries => ({
  [badSelector]: bad,
  [goodSelector]: good,
});

/** A counter that grows by so much with every value. */
const growing = (step: number) => `0+${Number(step.toPrecision(6))}x900`;

const { requests, ttft, slaRequests } = GATEWAY_METRICS;
const TARGET = 'job="gateway", instance="llm-vm-1"';

/** Every burn-rate alert. */
export const SLO_ALERTS: readonly Alert[] = [
  ...burnRateAlerts(AVAILABILITY, (badShare, perStep) =>
    series(
      growing(perStep * badShare),
      growing(perStep * (1 - badShare)),
      `${requests.name}{${TARGET}, route="${TASKS.til.path}", method="POST", status="503"}`,
      `${requests.name}{${TARGET}, route="${TASKS.til.path}", method="POST", status="200"}`,
    ),
  ),
  ...burnRateAlerts(FIRST_TOKEN, (badShare, perStep) => ({
    [`${ttft.name}_bucket{${TARGET}, task="til", model="gemma", le="2"}`]: growing(perStep * (1 - badShare)),
    [`${ttft.name}_count{${TARGET}, task="til", model="gemma"}`]: growing(perStep),
  })),
  ...burnRateAlerts(GOODPUT, (badShare, perStep) => ({
    [`${slaRequests.name}{${TARGET}, task="til", met="false"}`]: growing(perStep * badShare),
    [`${slaRequests.name}{${TARGET}, task="til", met="true"}`]: growing(perStep * (1 - badShare)),
  })),
];
