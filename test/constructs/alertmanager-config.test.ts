import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { load } from "js-yaml";
import { z } from "zod";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING, HEARTBEAT_ALERT } from "../../observability/alerts/routing";
import { describeWith, runTool } from "../../testing/programs";
import { FULL_MONITORING } from "../support/monitoring-content";

const CHANNELS = { slackChannel: "#llm-alerts", mail: FULL_MONITORING.mail };

const receivers = z.object({
  receivers: z.array(
    z.looseObject({
      name: z.string(),
      slack_configs: z.array(z.looseObject({ channel: z.string(), send_resolved: z.boolean() })).default([]),
      email_configs: z
        .array(z.looseObject({ to: z.string(), smarthost: z.string(), require_tls: z.boolean() }))
        .default([]),
    }),
  ),
});

function receiverOf(config: string, name: string) {
  const found = receivers.parse(load(config)).receivers.find((receiver) => receiver.name === name);
  if (found === undefined) throw new Error(`no receiver ${name}`);
  return found;
}

describe("alertmanagerConfig", () => {
  const config = alertmanagerConfig(ALERT_ROUTING, CHANNELS);

  it("sends critical alerts to Slack and by e-mail, warnings to Slack, others to nobody", () => {
    expect(receiverOf(config, "critical")).toMatchObject({
      slack_configs: [{ channel: "#llm-alerts", send_resolved: true }],
      email_configs: [{ to: "llm-alerts@example.com", smarthost: "smtp.example.com:587", require_tls: true }],
    });
    expect(receiverOf(config, "warning")).toMatchObject({ slack_configs: [{}], email_configs: [] });
    for (const silent of ["nobody", "heartbeat"]) {
      expect(receiverOf(config, silent)).toMatchObject({ slack_configs: [], email_configs: [] });
    }
  });

  it("leaves out a channel that is missing", () => {
    const slackOnly = alertmanagerConfig(ALERT_ROUTING, { slackChannel: "#a" });
    expect(receiverOf(slackOnly, "critical")).toMatchObject({ slack_configs: [{ channel: "#a" }], email_configs: [] });
    expect(receiverOf(alertmanagerConfig(ALERT_ROUTING, {}), "critical").slack_configs).toEqual([]);
  });

  it("holds no secret, only the path where one is mounted", () => {
    expect(config).toContain("auth_password_file: /run/secrets/smtp-login");
    expect(config).not.toMatch(/auth_password:|api_url:/);
  });
});

describeWith(["amtool"], "amtool", () => {
  let folder = "";
  const fileOf = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "alertmanager-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const check = (text: string) => runTool("amtool", ["check-config", fileOf("checked.yml", text)]);
  const routed = (text: string, ...labels: readonly string[]) =>
    runTool("amtool", ["config", "routes", "test", `--config.file=${fileOf("routed.yml", text)}`, ...labels])
      .output.split("\n")
      .filter((line) => line !== "" && !line.startsWith("Warning"));

  it.each([
    ["with both channels", CHANNELS],
    ["with Slack alone", { slackChannel: "#llm-alerts" }],
    ["with nobody to tell", {}],
  ])("accepts the configuration %s", (_, channels) => {
    const { status, output } = check(alertmanagerConfig(ALERT_ROUTING, channels));
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining("SUCCESS") });
    expect(output).toContain(`${ALERT_ROUTING.inhibitions.length} inhibit rules`);
  });

  it("refuses a planted misspelt key, and a route without a receiver", () => {
    const config = alertmanagerConfig(ALERT_ROUTING, CHANNELS);
    expect(check(config.replace("send_resolved", "send_resolve")).status).not.toBe(0);
    expect(check(config.replace("receiver: critical", "receiver: critikal")).status).not.toBe(0);
  });

  it.each([
    ["critical", ["alertname=SiteDown", "severity=critical", "environment=production"]],
    ["warning", ["alertname=DiskFilling", "severity=warning", "environment=production"]],
    ["heartbeat", [`alertname=${HEARTBEAT_ALERT}`, "severity=none"]],
    ["nobody", ["alertname=InfoInhibitor", "severity=none"]],
    ["anything-else", ["alertname=Foreign"]],
  ])("routes to %s", (receiver, labels) => {
    expect(routed(alertmanagerConfig(ALERT_ROUTING, CHANNELS), ...labels)).toEqual([receiver]);
  });

  it("reports a planted route that takes everything", () => {
    const [first, ...rest] = ALERT_ROUTING.routes;
    if (first === undefined) throw new Error("no route");
    const planted = alertmanagerConfig({ ...ALERT_ROUTING, routes: [{ ...first, matchers: [] }, ...rest] }, CHANNELS);
    expect(routed(planted, "alertname=SiteDown", "severity=critical")).toEqual(["heartbeat"]);
  });
});
