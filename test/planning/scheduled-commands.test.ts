import { describe, expect, it } from "@jest/globals";
import { REHEARSAL_COMMAND, watchdogRun } from "../../planning/scheduled-commands";

describe("REHEARSAL_COMMAND", () => {
  it("ends after twice the hour that a restore may take", () => {
    expect(REHEARSAL_COMMAND.args).toEqual(["backup", "rehearse", "--rto-seconds", "3600"]);
    expect(REHEARSAL_COMMAND.timeoutSeconds).toBe(7200);
  });
});

describe("watchdogRun", () => {
  it("passes what counts as idle and which machines to look at", () => {
    const limits = { everyMinutes: 10, checks: 5, gpuPercent: 5, minUptimeSeconds: 600, floor: 1, dryRun: false };
    const command = watchdogRun(limits, {
      prometheus: "http://monitoring.test.terrace.internal:9090",
      project: "acme",
      gatewayPort: 9000,
      labels: { role: "llm", environment: "test" },
    });
    expect(command.args.join(" ")).toBe(
      "watchdog --prometheus http://monitoring.test.terrace.internal:9090 --project acme --label role=llm --label environment=test " +
        "--gateway-port 9000 --floor 1 --checks 5 --every-seconds 60 --gpu-percent 5 --min-uptime-seconds 600",
    );
    expect(command.schedule).toBe("*/10 * * * *");
    expect(command.timeoutSeconds).toBeLessThan(600);
  });
});
