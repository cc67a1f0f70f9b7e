import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { servingUserData } from "../../constructs/compute/boot/serving-user-data";
import { qdrantUserData } from "../../constructs/data/qdrant-user-data";
import type { MonitoringContent } from "../../constructs/observability/monitoring-content";
import { monitoringFiles } from "../../constructs/observability/monitoring-files";
import { monitoringUserData } from "../../constructs/observability/monitoring-user-data";
import { describeWith, runTool } from "../../testing/programs";
import { FULL_MONITORING } from "../support/monitoring-content";
import { Sandbox } from "./sandbox";
import { parseUserData } from "./unit-file";
import { unitOf } from "./units-of";

const ROOT = join(__dirname, "../..");
const SCRIPTS = join(ROOT, "boot");
const REGISTRY = "asia-northeast3-docker.pkg.dev/p/docker-hub";

const serving = (environment: string) =>
  servingUserData({
    unit: unitOf(environment),
    gpuCount: 2,
    driverVersion: "R580",
    collector: { image: { repository: `${REGISTRY}/otel/opentelemetry-collector-contrib` }, config: "{}\n" },
  });

const USER_DATA: readonly (readonly [string, () => string])[] = [
  ["demo's GPU VM", () => serving("demo")],
  ["production's GPU VM", () => serving("production")],
  ["a GPU VM with weights in its image", () => serving("image-models")],
  ["the Qdrant VM", () => qdrantUserData({ repository: `${REGISTRY}/qdrant/qdrant`, tag: "v1.18.3" })],
  ["the monitoring VM", () => monitoringUserData(FULL_MONITORING)],
];

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describeWith(["shellcheck"], "shellcheck", () => {
  const check = (path: string) => runTool("shellcheck", ["--external-sources", `--source-path=${ROOT}`, path]);

  it.each(readdirSync(SCRIPTS).filter((file) => file.endsWith(".sh")))("finds nothing in %s", (script) => {
    expect(check(join(SCRIPTS, script))).toEqual({ status: 0, output: "" });
  });

  it("finds a planted unquoted variable", () => {
    sandbox.write("planted.sh", "#!/bin/bash\nrm -rf $1/x\n");
    expect(check(sandbox.path("planted.sh")).output).toContain("SC2086");
  });
});

describeWith(["systemd-analyze"], "systemd-analyze verify", () => {
  /** Lays units out as the machine would have them; programs that only COS has are there by name. */
  function verify(units: Readonly<Record<string, string>>) {
    const names = Object.keys(units);
    sandbox.write("units/docker.service", "[Service]\nExecStart=/bin/true\n");
    for (const [name, text] of Object.entries(units)) {
      sandbox.write(`units/${name}`, text.replaceAll(/(?<==-?)\/usr\/bin\/docker[-a-z]*/g, "/bin/true"));
    }
    return runTool("systemd-analyze", ["verify", "--man=no", ...names.map((name) => sandbox.path("units", name))]);
  }

  function unitsOf(userData: string): Record<string, string> {
    const { files, units } = parseUserData(userData);
    return Object.fromEntries(Object.keys(units).map((name) => [name, files[`/etc/systemd/system/${name}`] ?? ""]));
  }

  it.each(USER_DATA)("finds nothing in the units of %s", (_, userData) => {
    const units = unitsOf(userData());
    expect(Object.keys(units).length).toBeGreaterThan(3);
    expect(verify(units)).toEqual({ status: 0, output: "" });
  });

  it("finds a planted misspelt directive, a missing program and an ordering cycle", () => {
    const planted = (unit: string, service: string) => `[Unit]\n${unit}\n[Service]\n${service}\n`;
    expect(verify({ "a.service": planted("Afterr=b.service", "ExecStart=/bin/true") }).output).toContain("Afterr");
    expect(verify({ "b.service": planted("", "ExecStart=/no/such/program") }).status).not.toBe(0);
    const cycle = verify({
      "c.service": planted("After=d.service\nRequires=d.service", "ExecStart=/bin/true"),
      "d.service": planted("After=c.service\nRequires=c.service", "ExecStart=/bin/true"),
    });
    expect(cycle.output).toContain("ordering cycle");
  });
});

describeWith(["cloud-init"], "cloud-init schema", () => {
  const check = (userData: string) => {
    sandbox.write("user-data", userData);
    return runTool("cloud-init", ["schema", "--config-file", sandbox.path("user-data")]);
  };

  it.each(USER_DATA)("accepts the user data of %s", (_, userData) => {
    expect(check(userData())).toMatchObject({ status: 0, output: expect.stringContaining("Valid") });
  });

  it("rejects planted permissions that are not a string", () => {
    const planted = serving("demo").replace("permissions: '0644'", "permissions: 420");
    expect(planted).not.toBe(serving("demo"));
    expect(check(planted)).toMatchObject({ status: 1, output: expect.stringContaining("420 is not of type 'string'") });
  });
});

describeWith(["promtool"], "promtool check config", () => {
  /** The configuration, with the paths of the container led into the sandbox. */
  function check(content: MonitoringContent) {
    for (const [path, text] of Object.entries(monitoringFiles(content))) {
      if (path.startsWith("prometheus/")) {
        sandbox.write(path, text.replaceAll("/etc/prometheus/", `${sandbox.path("prometheus")}/`));
      }
    }
    return runTool("promtool", ["check", "config", sandbox.path("prometheus/prometheus.yml")]);
  }

  it("accepts the configuration and finds the rules", () => {
    const { status, output } = check(FULL_MONITORING);
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.stringContaining("is valid prometheus config file"),
    });
    expect(output).toContain(`${Object.keys(FULL_MONITORING.ruleFiles ?? {}).length} rule files found`);
  });

  it("rejects a planted broken rule", () => {
    const rule = "groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]\n";
    expect(check({ ...FULL_MONITORING, ruleFiles: { "planted.yaml": rule } }).status).not.toBe(0);
  });
});

it("boot/*.sh begin with a shebang and a description, and stop at the first error", () => {
  for (const script of readdirSync(SCRIPTS).filter((file) => file.endsWith(".sh"))) {
    const text = readFileSync(join(SCRIPTS, script), "utf8");
    expect(text).toMatch(/^#!\/bin\/bash\n# /);
    // Sourced files leave that to the script that sources them.
    if (!text.includes("# Sourced by")) expect(text).toContain("\nset -euo pipefail\n");
  }
});
