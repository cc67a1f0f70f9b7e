import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { DASHBOARDS } from "./some-dashboards";

const DOCS = join(__dirname, "../../../docs");
const page = readFileSync(join(DOCS, "dashboards.md"), "utf8");

describe("docs/dashboards.md", () => {
  it.each(DASHBOARDS.map(({ title, uid }) => [title, uid] as const))(
    "links %s and shows a recorded picture of it, with its date and its source",
    (title, uid) => {
      expect(page).toContain(`| [${title}](#${title.toLowerCase()}) |`);
      const [, picture = ""] =
        page.match(new RegExp(`### ${title}\n!\\[[^\\]]{40,}\\]\\(([^)]+${uid}\\.svg)\\)`)) ?? [];
      const svg = readFileSync(join(DOCS, picture), "utf8");
      expect(svg).toContain(`<title>${title}: `);
      const [, day = "", from = "", to = ""] = />(\d{4}-\d\d-\d\d) (\d\d:\d\d) to (\d\d:\d\d) UTC</.exec(svg) ?? [];
      expect(page).toContain(`Recorded on ${day}, ${from} to ${to} UTC`);
      expect(svg).toContain(">Drawn from Prometheus by the dashboard's own queries.");
    },
  );

  it("has small pictures", () => {
    for (const { uid } of DASHBOARDS) {
      expect(readFileSync(join(DOCS, "pictures/dashboards", `${uid}.svg`)).byteLength).toBeLessThan(250_000);
    }
  });
});
