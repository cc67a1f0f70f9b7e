import { describe, expect, it } from "@jest/globals";
import type { LiveAlert, LiveTarget } from "../../../tools/start/monitor/prometheus-api";
import { changedLines } from "../../../tools/start/watch-monitor";

const target = (instance: string, health: LiveTarget["health"], lastError = ""): LiveTarget => ({
  labels: { job: "vllm", instance },
  scrapeUrl: "http://127.0.0.1:8100/metrics",
  health,
  lastError,
  lastScrapeDuration: 0.01,
});
const alert = (endpoint: string, state: LiveAlert["state"]): LiveAlert => ({
  labels: { alertname: "EndpointDown", endpoint },
  annotations: { summary: `the engine at ${endpoint} fails` },
  state,
});

describe("changedLines", () => {
  it("returns nothing where nothing changed but the order", () => {
    const view = {
      targets: [target("engine-1", "up"), target("engine-2", "down", "refused")],
      alerts: [alert("a", "firing"), alert("b", "pending")],
    };
    expect(changedLines(view, { targets: view.targets.toReversed(), alerts: view.alerts.toReversed() })).toEqual([]);
  });

  it("returns a line for a target that went down or up, and for an alert that is pending, fires or is over", () => {
    const before = {
      targets: [target("engine-1", "up"), target("engine-2", "down", "refused")],
      alerts: [alert("a", "pending"), alert("b", "firing")],
    };
    const now = {
      targets: [target("engine-1", "down", "connection refused"), target("engine-2", "up")],
      alerts: [alert("a", "firing"), alert("c", "pending")],
    };
    expect(changedLines(before, now)).toEqual([
      "vllm engine-1 is down: connection refused",
      "vllm engine-2 is up",
      "firing: EndpointDown (the engine at a fails)",
      "pending: EndpointDown (the engine at c fails)",
      "over: EndpointDown (the engine at b fails)",
    ]);
  });
});
