import { renderOnce } from "../rules/render-once";
import { type CostProps, costDashboard } from "./cost-dashboard";
import type { Dashboard } from "./dashboard";
import { GPU_DASHBOARD } from "./gpu-dashboard";
import { grafanaDashboard } from "./grafana-dashboard";
import { JOBS_DASHBOARD } from "./jobs-dashboard";
import { LLM_DASHBOARD } from "./llm-dashboard";
import { OPERATIONS_DASHBOARD } from "./operations-dashboard";
import { SERVICE_DASHBOARD } from "./service-dashboard";

export interface DashboardProps extends CostProps {
  /** Where the pages of docs/runbooks are read, without a slash at its end. */
  readonly runbooksUrl: string;
}

export function dashboards(props: CostProps): readonly Dashboard[] {
  return [SERVICE_DASHBOARD, LLM_DASHBOARD, GPU_DASHBOARD, JOBS_DASHBOARD, costDashboard(props), OPERATIONS_DASHBOARD];
}

/**
 * Grafana's dashboards, minified, by file name. The same files are provisioned on the monitoring VM and, each in a
 * ConfigMap labelled `grafana_dashboard: "1"`, in the cluster.
 */
export const dashboardFiles = renderOnce(
  (props: DashboardProps): Readonly<Record<string, string>> =>
    Object.fromEntries(
      dashboards(props).map((dashboard) => [
        `${dashboard.uid}.json`,
        JSON.stringify(grafanaDashboard(dashboard, props.runbooksUrl)),
      ]),
    ),
);
