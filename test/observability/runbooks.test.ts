import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ALERTS } from "../../observability/alerts/alert-catalogue";
import { METRIC_CONTRACT } from "../../observability/metrics/contract";
import { runbookFile } from "../../observability/rules/alert";
import { FAILURES } from "../../tools/docs-observability/failure-matrix";
import { observabilityReference, runbookIndex } from "../../tools/docs-observability/reference";

const ROOT = join(__dirname, "../..");
const RUNBOOKS = "docs/runbooks";
const pages = [...new Set(ALERTS.map(runbookFile))].sort();
/** Of Cloud Monitoring's own alerts, of deploys, and the index. */
const OTHERS = ["README.md", "cloud-monitoring.md", "edge.md", "release-stuck.md"];

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const METRIC = /`((?:gateway_|vllm:|DCGM_|kube_|node_|probe_|alertmanager_|prometheus_)\w+)/g;
const known = new Set(METRIC_CONTRACT.map(({ name }) => name));

describe("docs/runbooks", () => {
  it("has a page for each alert, and no other", () => {
    const there = readdirSync(join(ROOT, RUNBOOKS)).filter((file) => !OTHERS.includes(file));
    expect(there.sort()).toEqual(pages);
  });

  it.each(pages)("%s has the sections Meaning, First look, Fix and Escalation", (page) => {
    const text = read(`${RUNBOOKS}/${page}`);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(["Meaning", "First look", "Fix", "Escalation"]);
    const [first = ""] = text.split("\n");
    const names = ALERTS.filter((alert) => runbookFile(alert) === page).map(
      ({ name, runbook = name }) => `# ${runbook}`,
    );
    expect(names).toContain(first);
    expect(text.split("\n").length).toBeLessThan(60);
  });

  it.each(pages)("%s names only metrics of the contract", (page) => {
    const text = read(`${RUNBOOKS}/${page}`);
    const metrics = [...text.matchAll(METRIC)].map(([, name = ""]) => name);
    expect(metrics.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("npm run docs:observability", () => {
  it.each([
    ["docs/observability.md", observabilityReference],
    ["docs/runbooks/README.md", runbookIndex],
  ])("%s is up to date with its source", (path, write) => {
    expect(read(path)).toBe(write());
  });

  it("names alerts and tests that exist for each failure", () => {
    const names = ALERTS.map(({ name }) => name);
    for (const { alerts, tests } of FAILURES) {
      for (const alert of alerts) expect(names).toContain(alert);
      for (const test of tests) expect({ test, there: existsSync(join(ROOT, test)) }).toEqual({ test, there: true });
    }
  });

  it("lists the failures of R-101", () => {
    const matrix = FAILURES.map(({ what }) => what).join("\n");
    for (const word of ["zone", "GPU", "403", "certificate", "quota", "Redis", "Qdrant", "PostgreSQL", "Spot"]) {
      expect(matrix).toContain(word);
    }
  });
});
