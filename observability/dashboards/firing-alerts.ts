import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { select } from "../promql/select";

/** Alerts of which somebody is told: the heartbeat always fires, and tells nobody. */
export const FIRING_ALERTS = select(PLATFORM_METRICS.alerts, { alertstate: "firing", severity: { not: "none" } });
