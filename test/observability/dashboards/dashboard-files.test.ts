import { describe, expect, it } from "@jest/globals";
import { ALERTS } from "../../../observability/alerts/alert-catalogue";
import { costDashboard } from "../../../observability/dashboards/cost-dashboard";
import type { Dashboard } from "../../../observability/dashboards/dashboard";
import { grafanaDashboard } from "../../../observability/dashboards/grafana-dashboard";
import { METRIC_CONTRACT } from "../../../observability/metrics/contract";
import { runbookFile } from "../../../observability/rules/alert";
import { type GrafanaJson, grafanaSchema } from "./grafana-schema";
import { DASHBOARDS, FILES, PROPS, panelQueries } from "./some-dashboards";

const parsed = (file: string): GrafanaJson => grafanaSchema.parse(JSON.parse(FILES[file] ?? "null"));
const files = Object.keys(FILES);

describe("dashboardFiles", () => {
  it("writes one file a dashboard, under uids that links and bookmarks hold", () => {
    expect(files).toEqual([
      "terrace-service.json",
      "terrace-llm.json",
      "terrace-gpu.json",
      "terrace-jobs.json",
      "terrace-cost.json",
      "terrace-operations.json",
    ]);
    expect(files.map((file) => `${parsed(file).uid}.json`)).toEqual(files);
  });

  it("fits into a ConfigMap and, together, into a machine's metadata beside the rules", () => {
    for (const text of Object.values(FILES)) expect(Buffer.byteLength(text)).toBeLessThan(30_000);
    const bytes = Object.values(FILES).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    // 512 KiB in all. https://cloud.google.com/compute/docs/metadata/setting-custom-metadata
    expect(bytes).toBeLessThan(128 * 1024);
  });

  it.each(files)("%s is valid for Grafana, with the queries of its source", (file) => {
    const { panels } = parsed(file);
    const asked = panels.flatMap((panel) => (panel.type === "row" ? [] : panel.targets.map(({ expr }) => expr)));
    const source = DASHBOARDS.filter(({ uid }) => `${uid}.json` === file);
    expect(asked).toEqual(panelQueries(source).map(({ query }) => query.expression.promql));
  });

  it.each(files)("%s has no id twice, and nothing over something else", (file) => {
    const { panels } = parsed(file);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          expect(taken).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  it.each(files)("%s fills every line to its end", (file) => {
    const widths = new Map<number, number>();
    for (const { gridPos } of parsed(file).panels) {
      widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    }
    expect(Object.fromEntries(widths)).toEqual(Object.fromEntries([...widths.keys()].map((y) => [y, 24])));
  });

  it("uses only variables that a dashboard has, and all of those", () => {
    for (const file of files) {
      const text = FILES[file] ?? "";
      const names = parsed(file).templating.list.map(({ name }) => name);
      const queries = parsed(file).panels.flatMap((panel) => (panel.type === "row" ? [] : panel.targets));
      const used = queries.flatMap(({ expr }) => [...expr.matchAll(/\$(?!__)([a-z]+)/g)].map(([, name]) => name));
      expect({ file, used: [...new Set(["environment", ...used])].sort() }).toEqual({ file, used: [...names].sort() });
      expect(text).not.toContain("undefined");
    }
  });

  it("links to the runbook of an alert that exists", () => {
    for (const file of files) {
      const links = parsed(file).panels.flatMap((panel) => (panel.type === "row" ? [] : (panel.links ?? [])));
      const pages = ALERTS.map((alert) => `${PROPS.runbooksUrl}/${runbookFile(alert)}`);
      for (const { url } of links) expect(pages).toContain(url);
      expect(links.length).toBeGreaterThan(0);
    }
  });

  it("throws for an alert that does not exist", () => {
    const [dashboard] = DASHBOARDS;
    if (dashboard === undefined) throw new Error("there are no dashboards");
    const planted: Dashboard = {
      ...dashboard,
      rows: dashboard.rows.map((row) => ({
        ...row,
        panels: row.panels.map((panel) => ({ ...panel, alert: "Nobody" })),
      })),
    };
    expect(() => grafanaDashboard(planted, PROPS.runbooksUrl)).toThrow("there is no alert Nobody");
  });
});

describe("panels", () => {
  it("read metrics of the contract alone", () => {
    for (const { where, query } of panelQueries()) {
      const unknown = query.expression.reads.filter((metric) => !METRIC_CONTRACT.includes(metric));
      expect({ where, unknown }).toEqual({ where, unknown: [] });
      expect({ where, reads: query.expression.reads.length > 0 }).toEqual({ where, reads: true });
    }
  });

  it("name only labels in their legends that their queries keep", () => {
    for (const { where, query } of panelQueries()) {
      const kept = [...query.expression.promql.matchAll(/by \(([^)]*)\)|"(target)"/g)].flatMap(
        ([, by = "", target]) => [...by.split(", "), target],
      );
      const named = [...query.legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect({ where, missing: named.filter((label) => !kept.includes(label)) }).toEqual({ where, missing: [] });
    }
  });

  // An alert and the line in the panel beside it must not drift apart.
  it.each([
    "ServerErrors",
    "SlowFirstToken",
    "GpuSaturated",
    "KvCacheFull",
    "EnginePreemptions",
    "QueueLong",
    "BackupStale",
    "CertificateExpiring",
    "MemoryLow",
    "DiskFilling",
  ])("draw the line of %s where it fires", (name) => {
    const condition = ALERTS.find((alert) => alert.name === name)?.condition.promql;
    const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels)).filter(
      ({ alert, thresholds = [] }) => alert === name && thresholds.length > 0,
    );
    expect(panels.length).toBeGreaterThan(0);
    for (const { title, thresholds = [] } of panels) {
      const limit = thresholds.at(-1)?.from;
      expect({ title, condition }).toEqual({ title, condition: expect.stringMatching(`[<>] ${limit}(?![.\\d])`) });
    }
  });
});

describe("costDashboard", () => {
  const titles = ({ rows }: Dashboard) => rows.map(({ title }) => title);

  it("counts an L4 with its share of the machine", () => {
    // g2-standard-24 has two L4s and 24 vCPUs: (24 × 0.047125 + 2 × 0.7192) / 2.
    const text = JSON.stringify(costDashboard({ ...PROPS, machineType: "g2-standard-24" }));
    expect(text).toContain("* 1.2847");
  });

  it("counts hours alone where no price is known", () => {
    expect(titles(costDashboard(PROPS))).toContain("Money");
    expect(titles(costDashboard({ ...PROPS, region: "europe-west4" }))).not.toContain("Money");
    expect(titles(costDashboard({ ...PROPS, machineType: "a2-highgpu-1g" }))).not.toContain("Money");
  });
});
