import { describe, expect, it } from "@jest/globals";
import { added, edited, type Planted } from "../support/edit";
import { ENVIRONMENT_NAMES, settingsOf } from "../support/environments";
import { blocksAt, textAt } from "../support/json";
import { resourcesIn } from "../support/stack-view";
import { environment } from "../support/synthesized";
import { membershipViolations } from "./membership";
import { portMismatches, servingMachines } from "./ports";

describe.each(ENVIRONMENT_NAMES)("%s", (name) => {
  it("serves one port from container to firewall", () => {
    expect(servingMachines(environment(name))).not.toEqual([]);
    expect(portMismatches(environment(name), settingsOf(name).appPort)).toEqual([]);
  });

  it("has each GPU machine in one group", () => {
    expect(membershipViolations(environment(name))).toEqual([]);
  });
});

describe("the check of ports", () => {
  const production = environment("production");
  const metadata = (name: string, key: string, from: string, to: string): Planted => {
    const type = "google_compute_instance";
    const machine = resourcesIn(production, type).find(({ body }) => body.name === name);
    const [values] = blocksAt(machine?.body ?? {}, "metadata");
    const text = textAt(values ?? {}, key) ?? "";
    expect(text).toContain(from);
    return edited(production, type, { [`metadata.${key}`]: text.replaceAll(from, to) }, { name });
  };

  it.each<[string, () => Planted]>([
    ["another port in the container", () => metadata("llm-vm-1", "user-data", "PORT=8001", "PORT=8002")],
    [
      "a port that the machine keeps closed",
      () => metadata("llm-vm-1", "user-data", 'OPEN_PORTS="8001 ', 'OPEN_PORTS="'),
    ],
    ["another named port", () => edited(production, "google_compute_instance_group", { "named_port[0].port": 8002 })],
    [
      "a group without a named port",
      () => edited(production, "google_compute_instance_group", { named_port: undefined }),
    ],
    ["a port name that no group has", () => edited(production, "google_compute_backend_service", { port_name: "web" })],
    [
      "a backend without a port name",
      () => edited(production, "google_compute_backend_service", { port_name: undefined }),
    ],
    [
      "a health check on another port",
      () => edited(production, "google_compute_health_check", { "http_health_check.port": 8002 }),
    ],
    [
      "a firewall that lets health checks in elsewhere",
      () =>
        edited(
          production,
          "google_compute_firewall",
          { "allow[0].ports[0]": "8002" },
          { name: "terrace-production-allow-health-checks" },
        ),
    ],
    [
      "a firewall that lets them in everywhere",
      () =>
        edited(
          production,
          "google_compute_firewall",
          { "allow[0].ports": undefined },
          { name: "terrace-production-allow-health-checks" },
        ),
    ],
    [
      "a firewall that leaves a range out",
      () =>
        edited(
          production,
          "google_compute_firewall",
          { source_ranges: ["35.191.0.0/16"] },
          { name: "terrace-production-allow-health-checks" },
        ),
    ],
    [
      "a scrape of another port",
      () => metadata("terrace-production-monitoring", "config-prometheus-prometheus-yml", "port: 8001", "port: 8002"),
    ],
  ])("catches %s", (_, plant) => {
    const planted = plant();
    const at = portMismatches(planted.environment, 8001).map((violation) => violation.at.split(" ")[1]);
    expect(new Set(at).has(planted.address)).toBe(true);
  });

  it("catches an endpoint on another port", () => {
    const planted = edited(environment("custom-metrics"), "google_compute_network_endpoint", { port: 8002 });
    expect(portMismatches(planted.environment, 8001).map(({ at }) => at)).toEqual([
      `production-vm-serving ${planted.address}`,
    ]);
  });

  it("catches a network without a rule for health checks", () => {
    const planted = ["terrace-production-allow-health-checks", "terrace-production-gke-allow-health-checks"].reduce(
      (environment, name) =>
        edited(environment, "google_compute_firewall", { source_ranges: ["10.0.0.0/8"] }, { name }).environment,
      production,
    );
    expect(portMismatches(planted, 8001).map(({ message }) => message)).toEqual([
      "no firewall rule lets health checks in",
    ]);
  });
});

describe("the check of memberships", () => {
  const production = environment("production");

  it("catches a machine in two groups", () => {
    const [membership] = resourcesIn(production, "google_compute_instance_group_membership");
    const planted = added(production, "vm-serving", "google_compute_instance_group_membership", {
      ...membership?.body,
      instance_group: "another",
    });
    expect(membershipViolations(planted.environment)).toEqual([
      { at: expect.stringContaining("llm-vm"), message: expect.stringContaining("and another, expected one group") },
    ]);
  });

  it("catches a machine in an endpoint group too", () => {
    const endpoint = { instance: "llm-vm-1", network_endpoint_group: "another", port: 8001 };
    const planted = added(production, "vm-serving", "google_compute_network_endpoint", endpoint);
    expect(membershipViolations(planted.environment)).toHaveLength(1);
  });

  it("catches a GPU machine in no group, and a monitoring machine in one", () => {
    const planted = edited(production, "google_compute_instance_group_membership", {
      instance: "terrace-production-monitoring",
    });
    expect(
      membershipViolations(planted.environment)
        .map(({ message }) => message)
        .sort(),
    ).toEqual([expect.stringMatching(/^stands in .*, expected no group$/), "stands in no group, expected one group"]);
  });
});
