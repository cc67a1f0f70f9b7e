import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { MonitoringUptimeCheckConfig } from "@cdktf/provider-google/lib/monitoring-uptime-check-config";
import { describe, expect, it } from "@jest/globals";
import { EmailChannel } from "../../constructs/observability/email-channel";
import { UptimeCheck } from "../../constructs/observability/uptime-check";
import { templateOf } from "./stack-of";

const labels = { environment: "production" };
const props = {
  name: "uptime",
  project: "project",
  host: "llm.example.com",
  path: "/healthz",
  https: true,
  channels: ["channel"],
  labels,
  runbookUrl: "https://example.com/edge.md",
};

describe("UptimeCheck", () => {
  const template = templateOf((scope) => new UptimeCheck(scope, "uptime", props));

  it("checks as a client does, with the certificate", () => {
    template.expectResource(MonitoringUptimeCheckConfig, {
      httpCheck: { path: "/healthz", port: 443, useSsl: true, validateSsl: true },
      monitoredResource: { type: "uptime_url", labels: { project_id: "project", host: "llm.example.com" } },
      userLabels: labels,
    });
  });

  it("alerts with a runbook where it is not reachable or its certificate is not renewed", () => {
    const link = (section: string) => ({ links: [{ displayName: "Runbook", url: `${props.runbookUrl}#${section}` }] });
    template.expectCount(MonitoringAlertPolicy, 2);
    template.expectResource(MonitoringAlertPolicy, {
      severity: "CRITICAL",
      notificationChannels: ["channel"],
      documentation: link("not-reachable"),
      conditions: [{ conditionThreshold: { comparison: "COMPARISON_GT", thresholdValue: 1 } }],
    });
    template.expectResource(MonitoringAlertPolicy, {
      severity: "WARNING",
      notificationChannels: ["channel"],
      documentation: link("certificate-not-renewed"),
      conditions: [{ conditionThreshold: { comparison: "COMPARISON_LT", thresholdValue: 21 } }],
    });
  });

  it("alerts on its own series only", () => {
    const [check] = template.resources(MonitoringUptimeCheckConfig);
    for (const { body } of template.resources(MonitoringAlertPolicy)) {
      expect(JSON.stringify(body)).toContain(`\${${check?.address}.uptime_check_id}`);
    }
  });

  it("checks no certificate without HTTPS", () => {
    const plain = templateOf((scope) => new UptimeCheck(scope, "uptime", { ...props, https: false }));
    plain.expectResource(MonitoringUptimeCheckConfig, { httpCheck: { port: 80, useSsl: false } });
    plain.expectCount(MonitoringAlertPolicy, 1);
  });
});

describe("EmailChannel", () => {
  it("has one address and labels", () => {
    const template = templateOf(
      (scope) => new EmailChannel(scope, "ops@example.com", { address: "ops@example.com", labels }),
    );
    template.expectResource(MonitoringNotificationChannel, {
      type: "email",
      labels: { email_address: "ops@example.com" },
      userLabels: labels,
    });
  });
});
