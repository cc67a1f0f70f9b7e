import { describe, expect, it } from "@jest/globals";
import { alertPorts } from "../../environment/alert-ports";
import { embeddingEndpoint } from "../../environment/embedding-endpoint";
import { environmentOf } from "../../environment/environment";
import { machinesThatStay } from "../../environment/machines-that-stay";
import { runbooksUrl } from "../../environment/runbooks-url";
import { scheduledJobs } from "../../environment/scheduled-jobs";
import type { Settings } from "../../settings/schema/settings";
import { settingsOf } from "../support/environments";

const production = settingsOf("production");
const changed = (change: Partial<Settings>) => environmentOf({ ...production, ...change });

describe("environmentOf", () => {
  it("names things after the environment and its project", () => {
    expect(environmentOf(production).names.bucket("models")).toBe("terrace-production-production-models");
  });
});

describe("alertPorts", () => {
  it("are HTTPS and the mail server's, each once", () => {
    expect(alertPorts(environmentOf(production))).toEqual([443, 587]);
    const smtp = { smarthost: "smtp.example.com:443", from: "terrace@example.com" };
    expect(alertPorts(changed({ alerts: { ...production.alerts, smtp } }))).toEqual([443]);
  });

  it("are none where nothing outside is called", () => {
    expect(alertPorts(environmentOf(settingsOf("demo")))).toEqual([]);
  });
});

describe("embeddingEndpoint", () => {
  it.each([
    ["http://embed.internal:8080/v1", 8080],
    ["http://embed.internal/v1", 80],
    ["https://embed.internal/v1", 443],
  ])("of %s has port %d", (url, port) => {
    const embeddings = { url, model: "jhgan/ko-sbert-multitask", range: "10.40.0.0/28" };
    expect(embeddingEndpoint(changed({ embeddings }))).toEqual({ range: "10.40.0.0/28", port });
  });

  it("is absent where the app embeds by itself", () => {
    expect(embeddingEndpoint(environmentOf(production))).toBeUndefined();
  });
});

describe("scheduledJobs", () => {
  it("are backups where Cloud Run makes them, and the watchdog where there is one", () => {
    expect(scheduledJobs(environmentOf(production))).toEqual(["backup", "restore-test"]);
    expect(scheduledJobs(environmentOf(settingsOf("demo")))).toEqual([]);
    expect(scheduledJobs(environmentOf(settingsOf("watched")))).toEqual(["watchdog"]);
  });
});

describe("machinesThatStay", () => {
  it("are every machine, or the floor of a watchdog that stops the others", () => {
    const { idleWatchdog } = settingsOf("watched");
    if (idleWatchdog === null) throw new Error("watched has no watchdog");
    expect(machinesThatStay(environmentOf(production))).toBe(2);
    expect(machinesThatStay(changed({ idleWatchdog: { ...idleWatchdog, dryRun: true } }))).toBe(2);
    expect(machinesThatStay(changed({ idleWatchdog: { ...idleWatchdog, dryRun: false, floor: 1 } }))).toBe(1);
  });
});

describe("runbooksUrl", () => {
  it("leads to the branch that deploys", () => {
    expect(runbooksUrl(environmentOf(production))).toBe(
      "https://github.com/terrace-llm/terrace/blob/main/docs/runbooks",
    );
  });
});
