import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { alertmanagerConfig } from "../../constructs/observability/alertmanager-config";
import { ALERT_ROUTING } from "../../observability/alerts/routing";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { describeWith, runTool } from "../../testing/programs";
import { sentToWebhook } from "../../tools/start/monitor/webhook-config";
import { fasterRoutes, fasterRules, shorter } from "./time-lapse";

const RULES = ruleFiles("docs/runbooks");

describe("fasterRules and shorter", () => {
  it("divide durations", () => {
    expect(shorter("2m", 30)).toBe("4000ms");
    expect(shorter("3d", 30)).toBe("8640000ms");
    expect(shorter("15s", 30)).toBe("500ms");
    expect(() => shorter("1s", 2_000)).toThrow(RangeError);
    expect(() => shorter("soon", 2)).toThrow(RangeError);
  });

  it("divide windows, offsets and `for`, and keep names and numbers", () => {
    const rule = {
      alert: "A",
      expr: "(slo:x:error_ratio_1h > 0.072) and max(up offset 26h) and rate(a_total[5m]) * 3600 > 50",
      for: "2m",
    };
    const written = fasterRules(JSON.stringify({ groups: [{ name: "g", rules: [rule] }] }), 60);
    expect(written).toContain(
      "(slo:x:error_ratio_1h > 0.072) and max(up offset 1560000ms) and rate(a_total[5000ms]) * 3600 > 50",
    );
    expect(written).toContain("for: 2000ms");
  });

  it("change every duration of every rule", () => {
    for (const [name, yaml] of Object.entries(RULES)) {
      const expressions = [...fasterRules(yaml, 30).matchAll(/^ +(?:- )?(?:expr|for): (.*)$/gm)].map(
        ([, text]) => text,
      );
      // Outside of quotes and names.
      const left = expressions.filter((text = "") => /(?<![\w:])\d+[smhd]\b/.test(text.replace(/"[^"]*"/g, "")));
      expect({ name, left }).toEqual({ name, left: [] });
    }
  });
});

describe("sentToWebhook", () => {
  const routed = alertmanagerConfig(ALERT_ROUTING, {
    slackChannel: "#alerts",
    mail: { smarthost: "mail:587", from: "a@example.com", to: ["b@example.com"] },
  });
  const config = sentToWebhook(routed, "http://127.0.0.1:9");

  it("sends to the webhook what each channel would have received", () => {
    const urls = [...config.matchAll(/url: (\S+)/g)].map(([, url]) => url);
    expect(urls).toContain("http://127.0.0.1:9/critical/slack");
    expect(urls).toContain("http://127.0.0.1:9/critical/email");
    expect(urls).toContain("http://127.0.0.1:9/warning/slack");
    expect(urls).not.toContain("http://127.0.0.1:9/warning/email");
    expect(config).not.toMatch(/slack_configs|email_configs/);
  });

  it("changes nothing else", () => {
    const routesOf = (yaml: string) => yaml.slice(yaml.indexOf("route:"), yaml.indexOf("receivers:"));
    expect(routesOf(config)).toBe(routesOf(routed));
  });
});

describeWith(["promtool", "amtool"], "configuration in time-lapse", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "terrace-lapse-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is accepted by Prometheus and Alertmanager", () => {
    for (const [name, yaml] of Object.entries(RULES)) writeFileSync(join(folder, name), fasterRules(yaml, 30));
    const rules = runTool("promtool", ["check", "rules", ...Object.keys(RULES).map((name) => join(folder, name))]);
    expect(rules).toMatchObject({ status: 0 });
    const file = join(folder, "alertmanager.yml");
    writeFileSync(file, fasterRoutes(sentToWebhook(alertmanagerConfig(ALERT_ROUTING, {}), "http://127.0.0.1:9"), 30));
    expect(runTool("amtool", ["check-config", file])).toMatchObject({ status: 0 });
  });
});
