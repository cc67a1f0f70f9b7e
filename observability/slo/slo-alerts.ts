import type { Alert, ExampleSeries } from "../rules/alert";
import { burnRateAlerts } from "./burn-rate-alerts";
import { AVAILABILITY, FIRST_TOKEN, GOODPUT } from "./objective";

const series = (bad: string, good: string, badSelector: string, goodSelector: string): ExampleSeries => ({
  [badSelector]: bad,
  [goodSelector]: good,
});

/** A counter that grows by so much with every value. */
const growing = (step: number) => `0+${Number(step.toPrecision(6))}x900`;

const TARGET = 'job="gateway", instance="llm-vm-1"';

/** Every burn-rate alert. */
export const SLO_ALERTS: readonly Alert[] = [
  ...burnRateAlerts(AVAILABILITY, (badShare, perStep) =>
    series(
      growing(perStep * badShare),
      growing(perStep * (1 - badShare)),
      `gateway_requests_total{${TARGET}, route="/til", method="POST", status="503"}`,
      `gateway_requests_total{${TARGET}, route="/til", method="POST", status="200"}`,
    ),
  ),
  ...burnRateAlerts(FIRST_TOKEN, (badShare, perStep) => ({
    [`gateway_ttft_seconds_bucket{${TARGET}, task="til", model="gemma", le="2"}`]: growing(perStep * (1 - badShare)),
    [`gateway_ttft_seconds_count{${TARGET}, task="til", model="gemma"}`]: growing(perStep),
  })),
  ...burnRateAlerts(GOODPUT, (badShare, perStep) => ({
    [`gateway_sla_requests_total{${TARGET}, task="til", met="false"}`]: growing(perStep * badShare),
    [`gateway_sla_requests_total{${TARGET}, task="til", met="true"}`]: growing(perStep * (1 - badShare)),
  })),
];
