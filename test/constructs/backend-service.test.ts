import { ComputeBackendService } from "@cdktf/provider-google/lib/compute-backend-service";
import { describe, expect, it } from "@jest/globals";
import type { Construct } from "constructs";
import { BackendService } from "../../constructs/loadbalancing/backend-service";
import { ManagedInstanceGroup } from "../../constructs/loadbalancing/managed-instance-group";
import { NetworkEndpointGroup } from "../../constructs/loadbalancing/network-endpoint-group";
import { UnmanagedInstanceGroup } from "../../constructs/loadbalancing/unmanaged-instance-group";
import { templateOf } from "./stack-of";

const common = { name: "til", healthCheck: "check", securityPolicy: "armor", drainingSeconds: 300 };
const zone = "asia-northeast3-a";

const unmanaged = (scope: Construct, name = "ai-1") =>
  new UnmanagedInstanceGroup(scope, name, { name, zone, port: 8001, instances: [] });

const managed = (scope: Construct, name = "ai-2") =>
  new ManagedInstanceGroup(scope, name, {
    name,
    baseInstanceName: name,
    zone,
    port: 8001,
    instanceTemplate: "template",
    repairHealthCheck: "check",
    minInstances: 2,
    maxInstances: 6,
  });

const endpoints = (scope: Construct, name = "ai-1") =>
  new NetworkEndpointGroup(scope, name, { name, zone, network: "n", subnetwork: "s", port: 8001, endpoints: [] });

describe("BackendService by utilization", () => {
  const template = templateOf((scope) => {
    const groups = [unmanaged(scope), managed(scope)];
    const balancing = { mode: "utilization", maxUtilization: 0.8, maxRatePerInstance: 3 } as const;
    new BackendService(scope, "til", { ...common, ...balancing, groups });
  });

  it("judges every group by CPU and by rate", () => {
    const limits = { balancingMode: "UTILIZATION", capacityScaler: 1, maxUtilization: 0.8, maxRatePerInstance: 3 };
    template.expectResource(ComputeBackendService, { backend: [limits, limits], localityLbPolicy: "LEAST_REQUEST" });
  });

  it("uses the port that the groups publish", () => {
    template.expectResource(ComputeBackendService, { portName: "app", protocol: "HTTP" });
  });

  it("lets a stream last an hour and a leaving VM finish, uncompressed and uncached", () => {
    template.expectResource(ComputeBackendService, {
      timeoutSec: 3600,
      connectionDrainingTimeoutSec: 300,
      compressionMode: "DISABLED",
      enableCdn: false,
      sessionAffinity: "NONE",
    });
  });

  it("has the global external scheme, behind Cloud Armor, and logs every request", () => {
    template.expectResource(ComputeBackendService, {
      loadBalancingScheme: "EXTERNAL_MANAGED",
      securityPolicy: "armor",
      logConfig: { enable: true, sampleRate: 1 },
    });
  });

  it("ejects no host: two are too few for that", () => {
    expect(template.resources(ComputeBackendService)[0]?.body).not.toHaveProperty("outlier_detection");
  });
});

describe("BackendService by custom metrics", () => {
  const balancing = { mode: "custom-metrics", maxUtilization: 0.8 } as const;
  const reported = ["orca.named_metrics.gpu_util", "orca.named_metrics.queue_fill"];

  it.each([
    ["endpoint groups", endpoints],
    ["managed groups", managed],
  ])("follows both reported metrics over %s, for the group and for the instance, none as a dry run", (_, group) => {
    const template = templateOf((scope) => {
      new BackendService(scope, "til", { ...common, ...balancing, groups: [group(scope)] });
    });
    template.expectResource(ComputeBackendService, {
      localityLbPolicy: "WEIGHTED_ROUND_ROBIN",
      customMetrics: reported.map((name) => ({ name, dryRun: false })),
      backend: [
        {
          balancingMode: "CUSTOM_METRICS",
          customMetrics: reported.map((name) => ({ name, dryRun: false, maxUtilization: 0.8 })),
        },
      ],
    });
  });

  it("does not take an unmanaged group, by type", () => {
    templateOf((scope) => {
      // @ts-expect-error Google balances unmanaged groups by utilization or rate only.
      new BackendService(scope, "til", { ...common, ...balancing, groups: [unmanaged(scope)] });
    });
  });

  it("does not mix endpoint groups with instance groups", () => {
    expect(() =>
      templateOf((scope) => {
        new BackendService(scope, "til", { ...common, ...balancing, groups: [endpoints(scope), managed(scope)] });
      }),
    ).toThrow('backend service "til" mixes endpoint groups with managed instance groups');
  });
});

describe("BackendService", () => {
  const balancing = { mode: "utilization", maxUtilization: 0.8, maxRatePerInstance: 3 } as const;

  it("throws without a group", () => {
    expect(() =>
      templateOf((scope) => new BackendService(scope, "til", { ...common, ...balancing, groups: [] })),
    ).toThrow('backend service "til" needs at least one group');
  });

  it("throws for a group twice", () => {
    expect(() =>
      templateOf((scope) => {
        const group = unmanaged(scope);
        new BackendService(scope, "til", { ...common, ...balancing, groups: [group, group] });
      }),
    ).toThrow('backend service "til" has a group twice');
  });
});

describe("BackendService by rate", () => {
  const template = templateOf((scope) => {
    const groups = ["a", "b"].map((name) => ({ kind: "pod-endpoint-group" as const, link: `group-${name}` }));
    new BackendService(scope, "gke", { ...common, name: "gke", mode: "rate", maxRatePerEndpoint: 100, groups });
  });

  it("counts requests of each pod, and has no port name", () => {
    template.expectResource(ComputeBackendService, {
      localityLbPolicy: "LEAST_REQUEST",
      backend: ["group-a", "group-b"].map((group) => ({
        group,
        balancingMode: "RATE",
        capacityScaler: 1,
        maxRatePerEndpoint: 100,
      })),
      timeoutSec: 3600,
      compressionMode: "DISABLED",
    });
    const [service] = template.resources(ComputeBackendService);
    expect(service?.body.port_name).toBeUndefined();
  });

  it("leaves the URL map before it is deleted", () => {
    template.expectResource(ComputeBackendService, { name: "gke", lifecycle: { createBeforeDestroy: true } });
  });
});
