import { describe, expect, it } from "@jest/globals";
import type { Dashboard, Panel } from "../../../observability/dashboards/dashboard";
import { drawDashboard } from "../../../tools/dashboards/draw-dashboard";
import { runs } from "../../../tools/dashboards/draw-lines";
import type { NamedSeries } from "../../../tools/dashboards/panel-data";
import { escaped } from "../../../tools/dashboards/svg";
import { DASHBOARDS } from "../../observability/dashboards/some-dashboards";

const RANGE = { start: 1_795_280_000, end: 1_795_280_600, step: 60 };
const at = (values: readonly number[]): NamedSeries["points"] =>
  values.map((value, index) => [RANGE.start + index * RANGE.step, value]);
/** What Prometheus may answer: numbers, gaps, what is no number, and a name that is no XML. */
const SERIES: readonly NamedSeries[] = [
  { name: 'til <"&>', points: at([0, 1, 5, 2, Number.NaN, 3, 4]) },
  { name: "news", points: at([1e6, Number.POSITIVE_INFINITY, 2, 1e-7]) },
  { name: "nobody", points: [] },
];

function drawn(dashboard: Dashboard, of: (panel: Panel) => readonly NamedSeries[]): string {
  const panels = dashboard.rows.flatMap((row) => row.panels);
  const series = new Map(panels.map((panel) => [panel, of(panel)] as const));
  return drawDashboard({ dashboard, range: RANGE, series, caption: "a caption" });
}

/** Names of the elements that are open at the end; an error where one ends that is not the last begun. */
function unclosed(svg: string): readonly string[] {
  const open: string[] = [];
  for (const [, end, name, , closed] of svg.matchAll(/<(\/?)(\w+)((?:\s[\w:-]+="[^"<>]*")*)(\/?)>/g)) {
    if (end === "/") expect(open.pop()).toBe(name);
    else if (closed !== "/") open.push(name ?? "");
  }
  return open;
}

describe("a dashboard's picture", () => {
  it.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))("%s has every panel", (_, dashboard) => {
    const svg = drawn(dashboard, () => SERIES);
    for (const { title } of dashboard.rows.flatMap(({ panels }) => panels)) {
      expect(svg).toContain(`>${escaped(title)}`.slice(0, 20));
    }
    expect(svg).toContain("a caption");
    expect(svg).not.toMatch(/NaN[ "]|Infinity|undefined|No data/);
    expect(unclosed(svg)).toEqual([]);
    expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
  });

  it("says where there is nothing to see", () => {
    const [dashboard] = DASHBOARDS;
    if (dashboard === undefined) throw new Error("there are no dashboards");
    const svg = drawn(dashboard, () => []);
    const panels = dashboard.rows.flatMap((row) => row.panels).length;
    expect(svg.match(/No data/g)).toHaveLength(panels);
  });
});

describe("a line", () => {
  it("ends at a gap and at what is no number", () => {
    const points = [...at([1, 2, Number.NaN, 4]), [RANGE.start + 600, 5] as const];
    expect(runs(points, RANGE.step).map((run) => run.map(([, value]) => value))).toEqual([[1, 2], [4], [5]]);
  });
});
