import { ComputeAutoscaler } from "@cdktf/provider-google/lib/compute-autoscaler";
import { ComputeHealthCheck } from "@cdktf/provider-google/lib/compute-health-check";
import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { ComputeInstanceGroupManager } from "@cdktf/provider-google/lib/compute-instance-group-manager";
import { ComputeInstanceGroupMembership } from "@cdktf/provider-google/lib/compute-instance-group-membership";
import { ComputeNetworkEndpoint } from "@cdktf/provider-google/lib/compute-network-endpoint";
import { ComputeNetworkEndpointGroup } from "@cdktf/provider-google/lib/compute-network-endpoint-group";
import { describe, expect, it } from "@jest/globals";
import { HttpHealthCheck } from "../../constructs/loadbalancing/http-health-check";
import { ManagedInstanceGroup } from "../../constructs/loadbalancing/managed-instance-group";
import { NetworkEndpointGroup } from "../../constructs/loadbalancing/network-endpoint-group";
import { UnmanagedInstanceGroup } from "../../constructs/loadbalancing/unmanaged-instance-group";
import { templateOf } from "./stack-of";

const zone = "asia-northeast3-a";

describe("UnmanagedInstanceGroup", () => {
  const template = templateOf((scope) => {
    const instances = ["llm-vm-1", "llm-vm-2"].map((name) => ({ name, link: `zones/${zone}/instances/${name}` }));
    new UnmanagedInstanceGroup(scope, "ai-1", { name: "ai-1", zone, port: 9000, instances });
  });

  it("publishes the serving port under the name that backend services use", () => {
    template.expectResource(ComputeInstanceGroup, { name: "ai-1", zone, namedPort: [{ name: "app", port: 9000 }] });
  });

  it("has one membership per VM and refers to none itself, so that VMs do not inherit its order of replacement", () => {
    template.expectCount(ComputeInstanceGroupMembership, 2);
    template.expectResource(ComputeInstanceGroupMembership, { instance: `zones/${zone}/instances/llm-vm-2`, zone });
    const [group] = template.resources(ComputeInstanceGroup);
    expect(group?.body).toMatchObject({ lifecycle: { create_before_destroy: true } });
    expect(JSON.stringify(group?.body)).not.toContain("llm-vm");
  });
});

describe("NetworkEndpointGroup", () => {
  const template = templateOf((scope) => {
    new NetworkEndpointGroup(scope, "ai-1", {
      name: "ai-1",
      zone,
      network: "network",
      subnetwork: "subnetwork",
      port: 9000,
      endpoints: [{ instance: "llm-vm-1", ipAddress: "10.0.0.2" }],
    });
  });

  it("holds VMs by address and port", () => {
    template.expectResource(ComputeNetworkEndpointGroup, { networkEndpointType: "GCE_VM_IP_PORT", defaultPort: 9000 });
    template.expectResource(ComputeNetworkEndpoint, { instance: "llm-vm-1", ipAddress: "10.0.0.2", port: 9000, zone });
  });
});

describe("ManagedInstanceGroup", () => {
  const props = {
    name: "ai-1-managed",
    baseInstanceName: "ai-1",
    zone,
    port: 9000,
    instanceTemplate: "template",
    repairHealthCheck: "liveness",
    minInstances: 2,
    maxInstances: 6,
  };
  const template = templateOf((scope) => {
    new ManagedInstanceGroup(scope, "ai-1", props);
  });

  it("scales on the three figures of R-88, never on CPU", () => {
    template.expectResource(ComputeAutoscaler, {
      autoscalingPolicy: {
        mode: "ON",
        minReplicas: 2,
        maxReplicas: 6,
        cooldownPeriod: 600,
        metric: [
          { name: "custom.googleapis.com/queue/length", target: 100, type: "GAUGE" },
          { name: "custom.googleapis.com/vllm/ttft_p95_ms", target: 2000, type: "GAUGE" },
          { name: "custom.googleapis.com/gpu/usage_percent", target: 80, type: "GAUGE" },
        ],
        scaleInControl: { timeWindowSec: 600, maxScaledInReplicas: { fixed: 1 } },
      },
    });
    expect(JSON.stringify(template.resources(ComputeAutoscaler))).not.toContain("cpu_utilization");
  });

  it("rolls out without a spare GPU and leaves the size to the autoscaler", () => {
    template.expectResource(ComputeInstanceGroupManager, {
      baseInstanceName: "ai-1",
      version: [{ instanceTemplate: "template" }],
      namedPort: [{ name: "app", port: 9000 }],
      updatePolicy: { type: "PROACTIVE", maxSurgeFixed: 0, maxUnavailableFixed: 1 },
    });
    expect(template.resources(ComputeInstanceGroupManager)[0]?.body).not.toHaveProperty("target_size");
  });

  it("does not repair what is still loading its models", () => {
    template.expectResource(ComputeInstanceGroupManager, {
      autoHealingPolicies: { healthCheck: "liveness", initialDelaySec: 900 },
    });
  });

  it("refuses bounds out of order and a name without room for a suffix", () => {
    const make = (change: Partial<typeof props>) => () =>
      templateOf((scope) => new ManagedInstanceGroup(scope, "ai-1", { ...props, ...change }));
    expect(make({ minInstances: 7 })).toThrow("minInstances 7 is more than maxInstances 6");
    expect(make({ baseInstanceName: "a".repeat(59) })).toThrow("is longer than 58 characters");
  });
});

describe("HttpHealthCheck", () => {
  const props = {
    name: "healthz",
    path: "/healthz",
    port: 9000,
    intervalSeconds: 5,
    timeoutSeconds: 3,
    healthyThreshold: 2,
    unhealthyThreshold: 3,
  };

  it("checks a fixed port and logs", () => {
    const template = templateOf((scope) => new HttpHealthCheck(scope, "check", props));
    template.expectResource(ComputeHealthCheck, {
      checkIntervalSec: 5,
      timeoutSec: 3,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
      httpHealthCheck: { port: 9000, portSpecification: "USE_FIXED_PORT", requestPath: "/healthz" },
      logConfig: { enable: true },
    });
  });

  it("refuses a check that outlasts its interval", () => {
    expect(() => templateOf((scope) => new HttpHealthCheck(scope, "check", { ...props, timeoutSeconds: 6 }))).toThrow(
      "timeoutSeconds 6 is longer than intervalSeconds 5",
    );
  });
});
