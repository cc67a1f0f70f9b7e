import type { Dashboard, Panel, Query } from "../../../observability/dashboards/dashboard";
import { dashboardFiles, dashboards } from "../../../observability/dashboards/dashboard-files";

export const PROPS = {
  region: "asia-northeast3",
  machineType: "g2-standard-8",
  provisioning: "standard",
  runbooksUrl: "https://example.com/runbooks",
} as const;

export const DASHBOARDS: readonly Dashboard[] = dashboards(PROPS);
export const FILES = dashboardFiles(PROPS);

export interface PanelQuery {
  /** `dashboard / panel / legend`. */
  readonly where: string;
  readonly panel: Panel;
  readonly query: Query;
}

/** Every query of every panel. */
export function panelQueries(of: readonly Dashboard[] = DASHBOARDS): PanelQuery[] {
  return of.flatMap(({ uid, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        panel.queries.map((query) => ({ where: `${uid} / ${panel.title} / ${query.legend}`, panel, query })),
      ),
    ),
  );
}
