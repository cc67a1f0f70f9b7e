import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { select } from "../promql/select";

/** Alerts that are sent to a person: the heartbeat always fires, and is not. */
export const FIRING_ALERTS = select(PLATFORM_METRICS.alerts, { alertstate: "firing", severity: { not: "none" } });
