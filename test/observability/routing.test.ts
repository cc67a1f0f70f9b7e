import { describe, expect, it } from "@jest/globals";
import { ALERTS } from "../../observability/alerts/alert-catalogue";
import {
  ALERT_ROUTING,
  type AlertMatcher,
  type AlertRouting,
  HEARTBEAT_ALERT,
} from "../../observability/alerts/routing";
import type { Labels } from "../../observability/rules/alert";
import { alertLabels } from "../../observability/rules/alert";

/** As Alertmanager matches: a label that is missing is empty, and a regular expression must match all of it. */
function holds({ label, operator, value }: AlertMatcher, labels: Labels): boolean {
  const found = labels[label] ?? "";
  const matches = operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  return operator.startsWith("!") ? !matches : matches;
}

const all = (matchers: readonly AlertMatcher[], labels: Labels) => matchers.every((matcher) => holds(matcher, labels));

function routeOf(labels: Labels) {
  return ALERT_ROUTING.routes.find(({ matchers }) => all(matchers, labels)) ?? ALERT_ROUTING.fallback;
}

function silences(source: Labels, target: Labels, { inhibitions }: AlertRouting = ALERT_ROUTING): boolean {
  return inhibitions.some(
    (rule) =>
      all(rule.source, source) &&
      all(rule.target, target) &&
      rule.equal.every((label) => (source[label] ?? "") === (target[label] ?? "")),
  );
}

/** Every alert with the labels of its examples. */
const examples: readonly Labels[] = ALERTS.flatMap((alert) =>
  alert.examples.firing.flatMap(({ fires }) =>
    fires.map((labels) => ({ alertname: alert.name, ...alertLabels(alert), ...labels, environment: "production" })),
  ),
);
const firing = (alertname: string, labels: Labels = {}): Labels => {
  const example = examples.find((candidate) => candidate.alertname === alertname);
  if (example === undefined) throw new Error(`there is no alert ${alertname}`);
  return { ...example, ...labels };
};

describe("ALERT_ROUTING.routes", () => {
  it("send critical alerts to Slack and e-mail, warnings to Slack", () => {
    for (const labels of examples) {
      const { channels } = routeOf(labels);
      if (labels.alertname === HEARTBEAT_ALERT) expect(channels).toEqual(["heartbeat"]);
      else expect(channels).toEqual(labels.severity === "critical" ? ["slack", "email"] : ["slack"]);
    }
  });

  it("drop what only informs, and send what no route matches", () => {
    expect(routeOf({ alertname: "InfoInhibitor", severity: "none" }).channels).toEqual([]);
    expect(routeOf({ alertname: "Novel", severity: "page" }).channels).toEqual(["slack"]);
  });

  it("have different names, and times that Alertmanager accepts", () => {
    const routes = [...ALERT_ROUTING.routes, ALERT_ROUTING.fallback];
    expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
    for (const route of routes) {
      expect(route.groupIntervalSeconds).toBeGreaterThan(route.groupWaitSeconds);
      expect(route.repeatIntervalSeconds % route.groupIntervalSeconds).toBe(0);
    }
  });
});

describe("ALERT_ROUTING.inhibitions", () => {
  it("name alerts and labels that exist", () => {
    const names = ALERTS.map(({ name }) => name);
    const labels = new Set(examples.flatMap((example) => Object.keys(example)));
    for (const { source, target, equal } of ALERT_ROUTING.inhibitions) {
      for (const { label, operator, value } of [...source, ...target]) {
        expect(labels).toContain(label);
        if (label !== "alertname") continue;
        for (const name of operator.endsWith("~") ? value.split("|") : [value]) expect(names).toContain(name);
      }
      for (const label of equal) expect(labels).toContain(label);
    }
  });

  it("silence what ran on a machine that is down, and nothing of another", () => {
    const down = firing("NodeDown", { instance: "llm-vm-1" });
    expect(silences(down, firing("TargetDown", { instance: "llm-vm-1" }))).toBe(true);
    expect(silences(down, firing("TargetDown", { instance: "llm-vm-2" }))).toBe(false);
    expect(silences(down, firing("TargetDown", { instance: "llm-vm-1", environment: "demo" }))).toBe(false);
    expect(silences(down, firing("GpuFault", { instance: "llm-vm-1" }))).toBe(false);
    expect(silences(down, firing("AvailabilityBudgetBurn1h"))).toBe(false);
  });

  it("silence the pods of a node that is down, whose addresses are their own", () => {
    const down = firing("NodeDown", { instance: "10.0.0.2:9100", node: "gke-l4-1" });
    const pod = { instance: "10.4.0.7:8001", node: "gke-l4-1", pod: "gateway-1" };
    expect(silences(down, firing("TargetDown", pod))).toBe(true);
    expect(silences(down, firing("TargetDown", { ...pod, node: "gke-l4-2" }))).toBe(false);
  });

  it("never take two alerts that lack a label for two that agree in it", () => {
    const down = firing("NodeDown", { instance: "llm-vm-1" });
    expect(silences(down, firing("ModelUnavailable"))).toBe(false);
    expect(silences(firing("ModelDownloadFailed", { instance: "llm-vm-1" }), firing("PodNotReady"))).toBe(false);
    const [careless] = ALERT_ROUTING.inhibitions.filter(({ equal }) => equal.includes("node"));
    if (careless === undefined) throw new Error("no inhibition is by node");
    const planted = {
      ...ALERT_ROUTING,
      inhibitions: [{ ...careless, source: careless.source.slice(0, 1), target: careless.target.slice(0, 1) }],
    };
    const elsewhere = firing("TargetDown", { instance: "llm-vm-2" });
    expect(silences(down, elsewhere)).toBe(false);
    expect(silences(down, elsewhere, planted)).toBe(true);
  });

  it("send a preemption instead of a machine that is down", () => {
    const preempted = firing("Preempted", { instance: "llm-vm-1" });
    expect(silences(preempted, firing("NodeDown", { instance: "llm-vm-1" }))).toBe(true);
    expect(silences(firing("NodeDown", { instance: "llm-vm-1" }), preempted)).toBe(false);
  });

  it("silence the slow burn of an objective by the fast one", () => {
    expect(silences(firing("AvailabilityBudgetBurn1h"), firing("AvailabilityBudgetBurn3d"))).toBe(true);
    expect(silences(firing("AvailabilityBudgetBurn1h"), firing("FirstTokenBudgetBurn3d"))).toBe(false);
    expect(silences(firing("AvailabilityBudgetBurn1h"), firing("QueueLong"))).toBe(false);
    expect(silences(firing("AvailabilityBudgetBurn3d"), firing("AvailabilityBudgetBurn1h"))).toBe(false);
  });

  it("silence the endpoints of a missing model, and the service's warnings while the site is down", () => {
    expect(silences(firing("ModelUnavailable"), firing("EndpointDown"))).toBe(true);
    expect(silences(firing("ModelUnavailable", { model: "qwen" }), firing("EndpointDown"))).toBe(false);
    expect(silences(firing("SiteDown"), firing("SlowFirstToken"))).toBe(true);
    expect(silences(firing("SiteDown"), firing("ModelUnavailable"))).toBe(false);
  });

  it("have no two alerts that silence each other, and no ring of them", () => {
    const reaches = (from: Labels, goal: Labels, passed: readonly Labels[] = []): boolean =>
      examples.some(
        (next) =>
          !passed.includes(next) && silences(from, next) && (next === goal || reaches(next, goal, [...passed, next])),
      );
    expect(examples.filter((labels) => reaches(labels, labels))).toEqual([]);
  });

  it("let every critical alert through, but where another means the same", () => {
    const critical = examples.filter(({ severity }) => severity === "critical");
    const silenced = critical.filter((target) => examples.some((source) => silences(source, target)));
    // By a preemption, and by a machine that is down.
    expect([...new Set(silenced.map(({ alertname }) => alertname))].sort()).toEqual([
      "ModelDownloadFailed",
      "NodeDown",
    ]);
  });
});
