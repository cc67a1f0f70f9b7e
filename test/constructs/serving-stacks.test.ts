import { ComputeAutoscaler } from "@cdktf/provider-google/lib/compute-autoscaler";
import { ComputeBackendService } from "@cdktf/provider-google/lib/compute-backend-service";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
import { ComputeInstanceGroupManager } from "@cdktf/provider-google/lib/compute-instance-group-manager";
import { ComputeInstanceGroupMembership } from "@cdktf/provider-google/lib/compute-instance-group-membership";
import { ComputeNetworkEndpoint } from "@cdktf/provider-google/lib/compute-network-endpoint";
import { ComputeNetworkEndpointGroup } from "@cdktf/provider-google/lib/compute-network-endpoint-group";
import { ComputeTargetHttpsProxy } from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { environmentOf } from "../../environment/environment";
import { EdgeStack } from "../../stacks/edge";
import { VmServingStack } from "../../stacks/vm-serving";
import { settingsOf } from "../support/environments";
import { Template } from "../support/template";

const CLASSES = ["til", "news", "interview", "api"];

function serving(environment: string): Template {
  return Template.ofStack(new VmServingStack(Testing.app(), environmentOf(settingsOf(environment))));
}

describe("VmServingStack", () => {
  it("puts named VMs into unmanaged groups, every group behind every class", () => {
    const template = serving("production");
    template.expectCount(ComputeInstanceGroup, 2);
    template.expectCount(ComputeInstanceGroupMembership, 2);
    template.expectCount(ComputeInstanceGroupManager, 0);
    for (const name of CLASSES) {
      const limits = { balancingMode: "UTILIZATION", maxUtilization: 0.8, maxRatePerInstance: 3 };
      template.expectResource(ComputeBackendService, {
        name: `terrace-production-${name}`,
        securityPolicy: "projects/terrace-production/global/securityPolicies/terrace-production-armor",
        connectionDrainingTimeoutSec: 300,
        backend: [limits, limits],
      });
    }
  });

  it("refers to a VM from nothing that is created before its predecessor is destroyed", () => {
    const template = serving("production");
    const machines = template.resources(ComputeInstance).map(({ address }) => address);
    expect(machines.length).toBeGreaterThan(1);
    for (const group of template.resources(ComputeInstanceGroup)) {
      for (const machine of machines) expect(JSON.stringify(group.body)).not.toContain(machine);
    }
  });

  it("balances named VMs by metrics through endpoint groups, and through no instance group", () => {
    const template = serving("custom-metrics");
    template.expectCount(ComputeInstanceGroup, 0);
    template.expectCount(ComputeNetworkEndpointGroup, 2);
    template.expectResource(ComputeNetworkEndpoint, { instance: "llm-vm-1", port: 8001 });
    template.expectResource(ComputeBackendService, {
      name: "terrace-production-til",
      backend: [{ balancingMode: "CUSTOM_METRICS" }, { balancingMode: "CUSTOM_METRICS" }],
    });
  });

  it("scales managed groups instead of named VMs", () => {
    const template = serving("managed");
    template.expectCount(ComputeInstanceGroup, 0);
    template.expectCount(ComputeInstanceGroupManager, 2);
    template.expectResource(ComputeAutoscaler, {
      name: "ai-1-managed",
      autoscalingPolicy: { minReplicas: 1, maxReplicas: 2 },
    });
    // The monitoring VM is the only one by name.
    template.expectCount(ComputeInstance, 1);
  });
});

describe("EdgeStack", () => {
  it("serves a domain by HTTPS and redirects the rest", () => {
    const stack = new EdgeStack(Testing.app(), environmentOf(settingsOf("production")));
    const template = Template.ofStack(stack);
    expect(stack.insecureNotice).toBeUndefined();
    template.expectCount(ComputeTargetHttpsProxy, 1);
    template.expectCount(ComputeUrlMap, 2);
    template.expectResource(DnsRecordSet, { name: "llm.example.com.", type: "AAAA" });
  });

  it("warns that without a domain nothing is encrypted", () => {
    const stack = new EdgeStack(Testing.app(), environmentOf(settingsOf("demo")));
    const template = Template.ofStack(stack);
    expect(stack.insecureNotice).toContain("demo has no domain: requests and answers travel unencrypted");
    template.expectCount(ComputeTargetHttpsProxy, 0);
    template.expectCount(ComputeUrlMap, 1);
    template.expectCount(DnsRecordSet, 0);
  });

  it("sends each class to its backend service, by link", () => {
    const template = Template.ofStack(new EdgeStack(Testing.app(), environmentOf(settingsOf("demo"))));
    const service = (name: string) => `projects/terrace-demo/global/backendServices/terrace-demo-${name}`;
    template.expectResource(ComputeUrlMap, {
      name: "terrace-demo-routes",
      defaultService: service("api"),
      hostRule: [{ hosts: ["*"], pathMatcher: "routes" }],
      pathMatcher: [
        {
          pathRule: [
            { paths: ["/til", "/til/*", "/generate_til", "/generate_til/*"], service: service("til") },
            { paths: ["/news", "/news/*"], service: service("news") },
            { paths: ["/interview", "/interview/*"], service: service("interview") },
            { paths: ["/api", "/api/*"], service: service("api") },
          ],
        },
      ],
    });
  });
});
