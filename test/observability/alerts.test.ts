import { describe, expect, it } from "@jest/globals";
import { ALERTS, RULE_GROUPS } from "../../observability/alerts/alert-catalogue";
import { HEARTBEAT_ALERT } from "../../observability/alerts/routing";
import type { Alert } from "../../observability/rules/alert";
import { alertLabels } from "../../observability/rules/alert";

const all = ALERTS.map((alert) => [alert.name, alert] as const);

/** Labels that a text fills in. */
function labelsIn(text: string): readonly string[] {
  return [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
}

/** Labels in a text that no example's alert has. */
function missingLabels({ summary, description, examples }: Alert): readonly string[] {
  const fired = new Set(examples.firing.flatMap(({ fires }) => fires.flatMap((labels) => Object.keys(labels))));
  // `or $labels.a $labels.b`: one of them is enough.
  const alternatives = [...`${summary} ${description}`.matchAll(/\{\{ ([^}]+) \}\}/g)].map(([, inner = ""]) =>
    labelsIn(inner),
  );
  return alternatives
    .filter((labels) => !labels.some((label) => fired.has(label)))
    .map((labels) => labels.join(" or "));
}

describe("ALERTS", () => {
  it("have different names", () => {
    const names = ALERTS.map((alert) => alert.name);
    expect(new Set(names).size).toBe(names.length);
    const groups = RULE_GROUPS.map((group) => group.name);
    expect(new Set(groups).size).toBe(groups.length);
    for (const name of names) expect(name).toMatch(/^[A-Z]\w+$/);
  });

  it("include those of R-101", () => {
    const names = ALERTS.map((alert) => alert.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "SlowFirstToken",
        "ServerErrors",
        "QueueLong",
        "GpuSaturated",
        "GpuIdle",
        "GpuXidError",
        "GpuFault",
        "TargetDown",
        "CertificateExpiring",
        "BackupStale",
        "AutoscalerAtMaximum",
        "AvailabilityBudgetBurn1h",
        "AvailabilityBudgetBurn6h",
        "KvCacheFull",
        "EnginePreemptions",
        "ColdStartOverBudget",
        "DiskFilling",
        "ModelDownloadFailed",
        HEARTBEAT_ALERT,
      ]),
    );
  });

  it.each(all)("%s has a summary of one line without a stop", (_, { summary, description }) => {
    expect(summary).not.toMatch(/\n|\.$/);
    expect(summary.length).toBeLessThan(110);
    expect(description).toMatch(/\.$/);
    // A value in a text makes another alert of every scrape.
    expect(summary + description).not.toContain("$value");
  });

  it.each(all)("%s names only labels that it has", (_, alert) => {
    expect(missingLabels(alert)).toEqual([]);
  });

  it("fail where a text names a label that the series lack", () => {
    const [alert] = ALERTS.filter(({ name }) => name === "QueueLong");
    if (alert === undefined) throw new Error("QueueLong is gone");
    expect(missingLabels({ ...alert, summary: "{{ $labels.model }} on {{ $labels.cluster }}" })).toEqual(["cluster"]);
  });

  it.each(all)("%s does not hide a label of its series under one of its own", (_, alert) => {
    const own = Object.keys(alertLabels(alert));
    for (const { fires } of alert.examples.firing) {
      for (const labels of fires) expect(Object.keys(labels).filter((label) => own.includes(label))).toEqual([]);
    }
  });

  it("have quiet examples, but for the one whose absence is the alarm", () => {
    const never = ALERTS.filter(({ examples }) => examples.quiet === "never").map(({ name }) => name);
    expect(never).toEqual([HEARTBEAT_ALERT]);
  });

  it("have windows shorter than a day, but for error budgets and backups", () => {
    const long = ALERTS.filter(({ condition }) => /\[\d+d\]|offset \d{2,}h/.test(condition.promql)).map(
      ({ name }) => name,
    );
    expect(long.filter((name) => !name.includes("BudgetBurn"))).toEqual(["BackupStale"]);
  });
});
