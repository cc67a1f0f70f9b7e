import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { escaped } from "../../../tools/dashboards/svg";
import { DASHBOARDS } from "./some-dashboards";

const DOCS = join(__dirname, "../../../docs");
const page = readFileSync(join(DOCS, "dashboards.md"), "utf8");

describe("docs/dashboards.md", () => {
  it.each(DASHBOARDS.map((dashboard) => [dashboard.title, dashboard] as const))(
    "shows %s as it is",
    (title, { uid, rows }) => {
      expect(page).toContain(`| [${title}](#${title.toLowerCase()}) |`);
      const [, picture = ""] =
        page.match(new RegExp(`### ${title}\n!\\[[^\\]]{40,}\\]\\(([^)]+${uid}\\.svg)\\)`)) ?? [];
      expect(existsSync(join(DOCS, picture))).toBe(true);
      const svg = readFileSync(join(DOCS, picture), "utf8");
      // A panel that came or went since: npm run dashboards -- rehearse.
      const titles = rows.flatMap(({ panels }) => panels.map((panel) => panel.title));
      expect(titles.filter((panel) => !svg.includes(`>${escaped(panel).slice(0, 24)}`))).toEqual([]);
    },
  );

  it("has small pictures", () => {
    for (const { uid } of DASHBOARDS) {
      expect(readFileSync(join(DOCS, "pictures/dashboards", `${uid}.svg`)).byteLength).toBeLessThan(250_000);
    }
  });
});
