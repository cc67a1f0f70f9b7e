import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { ContainerCluster } from "@cdktf/provider-google/lib/container-cluster";
import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { describe, expect, it } from "@jest/globals";
import { ClusterFirewall, type ClusterFirewallProps } from "../../constructs/gke/cluster-firewall";
import { ClusterSubnetwork } from "../../constructs/gke/cluster-subnetwork";
import { CpuNodePool } from "../../constructs/gke/cpu-node-pool";
import { GpuNodePool, type GpuNodePoolProps } from "../../constructs/gke/gpu-node-pool";
import { IngressAddress } from "../../constructs/gke/ingress-address";
import { PodAccount } from "../../constructs/gke/pod-account";
import { RegionalCluster, type RegionalClusterProps } from "../../constructs/gke/regional-cluster";
import { blocksAt, textsAt } from "../support/json";
import { templateOf } from "./stack-of";

const CLUSTER: RegionalClusterProps = {
  name: "c",
  region: "asia-northeast3",
  zones: ["asia-northeast3-a", "asia-northeast3-b"],
  network: "n",
  subnetwork: "s",
  podsRange: "pods",
  servicesRange: "services",
  controlPlaneCidr: "10.37.0.0/28",
  releaseChannel: "REGULAR",
  deletionProtection: true,
  workloadPool: "acme.svc.id.goog",
  managedDcgm: true,
  nodeAccount: "nodes@acme",
  autoProvisioning: {
    nodeAccount: "auto@acme",
    zones: ["asia-northeast3-a"],
    maxCpu: 128,
    maxMemoryGb: 512,
    maxL4: 12,
    diskGb: 200,
  },
  dependsOn: [],
};
const cluster = (props: Partial<RegionalClusterProps> = {}) =>
  templateOf((scope) => new RegionalCluster(scope, "cluster", { ...CLUSTER, ...props }));

describe("RegionalCluster", () => {
  it("is regional, private, VPC-native by named ranges, with Dataplane V2 and the DNS endpoint", () => {
    cluster().expectResource(ContainerCluster, {
      location: "asia-northeast3",
      nodeLocations: ["asia-northeast3-a", "asia-northeast3-b"],
      networkingMode: "VPC_NATIVE",
      datapathProvider: "ADVANCED_DATAPATH",
      ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
      privateClusterConfig: {
        enablePrivateNodes: true,
        enablePrivateEndpoint: true,
        masterIpv4CidrBlock: "10.37.0.0/28",
      },
      controlPlaneEndpointsConfig: { dnsEndpointConfig: { allowExternalTraffic: true } },
    });
  });

  it("gives pods their accounts, shields nodes, streams images and mounts buckets", () => {
    cluster().expectResource(ContainerCluster, {
      workloadIdentityConfig: { workloadPool: "acme.svc.id.goog" },
      enableShieldedNodes: true,
      enableLegacyAbac: false,
      nodePoolDefaults: {
        nodeConfigDefaults: { gcfsConfig: { enabled: true }, insecureKubeletReadonlyPortEnabled: "FALSE" },
      },
      addonsConfig: { gcsFuseCsiDriverConfig: { enabled: true }, httpLoadBalancing: { disabled: false } },
    });
  });

  it("provisions nodes within three limits, by an account of their own, without a surge", () => {
    cluster().expectResource(ContainerCluster, {
      podAutoscaling: { hpaProfile: "PERFORMANCE" },
      clusterAutoscaling: {
        enabled: true,
        autoProvisioningLocations: ["asia-northeast3-a"],
        resourceLimits: [
          { resourceType: "cpu", minimum: 0, maximum: 128 },
          { resourceType: "memory", minimum: 0, maximum: 512 },
          { resourceType: "nvidia-l4", minimum: 0, maximum: 12 },
        ],
        autoProvisioningDefaults: {
          serviceAccount: "auto@acme",
          upgradeSettings: { maxSurge: 0, maxUnavailable: 1 },
        },
      },
    });
  });

  it("gives the default pool that it removes an account that the firewall lets join", () => {
    cluster().expectResource(ContainerCluster, {
      removeDefaultNodePool: true,
      nodeConfig: { serviceAccount: "nodes@acme" },
      lifecycle: { ignoreChanges: ["initial_node_count", "node_config"] },
    });
  });

  it("collects GPU metrics by GKE only where managedDcgm is set", () => {
    cluster().expectResource(ContainerCluster, {
      monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS", "DCGM"], managedPrometheus: { enabled: true } },
    });
    cluster({ managedDcgm: false }).expectResource(ContainerCluster, {
      monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: false } },
    });
  });

  it("is maintained at night in Seoul, long enough for GKE", () => {
    const [resource] = cluster().resources(ContainerCluster);
    const [policy] = blocksAt(resource?.body ?? {}, "maintenance_policy");
    const [window] = blocksAt(policy ?? {}, "recurring_window");
    const [start, end] = [window?.start_time, window?.end_time].map((time) => new Date(String(time)));
    const seoulHour = (date: Date | undefined) => ((date?.getUTCHours() ?? 0) + 9) % 24;
    expect(seoulHour(start)).toBeGreaterThanOrEqual(3);
    expect(seoulHour(end)).toBeLessThanOrEqual(7);
    expect(window?.recurrence).toBe("FREQ=DAILY");
    // GKE: windows of four hours or more, 48 hours in 32 days.
    const hours = (Number(end) - Number(start)) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(4);
    expect(hours * 32).toBeGreaterThanOrEqual(48);
  });

  it("sets deletion protection explicitly", () => {
    cluster({ deletionProtection: false }).expectResource(ContainerCluster, { deletionProtection: false });
  });
});

describe("ClusterSubnetwork", () => {
  it("names the ranges of pods and Services", () => {
    const template = templateOf(
      (scope) =>
        new ClusterSubnetwork(scope, "subnetwork", {
          name: "s",
          region: "r",
          network: "n",
          nodesCidr: "10.22.0.0/22",
          pods: { rangeName: "pods", cidr: "10.32.0.0/14" },
          services: { rangeName: "services", cidr: "10.36.0.0/20" },
        }),
    );
    template.expectResource(ComputeSubnetwork, {
      ipCidrRange: "10.22.0.0/22",
      privateIpGoogleAccess: true,
      secondaryIpRange: [
        { rangeName: "pods", ipCidrRange: "10.32.0.0/14" },
        { rangeName: "services", ipCidrRange: "10.36.0.0/20" },
      ],
    });
  });
});

const NODE = {
  cluster: "c",
  region: "asia-northeast3",
  zones: ["asia-northeast3-a", "asia-northeast3-b"],
  diskGb: 100,
  serviceAccountEmail: "nodes@acme",
  labels: { environment: "demo" },
};
const GPU: GpuNodePoolProps = {
  ...NODE,
  name: "gpu",
  machineType: "g2-standard-8",
  l4Count: 1,
  minNodes: 2,
  maxNodes: 12,
  spot: false,
  driver: "gke",
};
const gpuPool = (props: Partial<GpuNodePoolProps> = {}) =>
  templateOf((scope) => new GpuNodePool(scope, "gpu", { ...GPU, ...props }));

describe("CpuNodePool and GpuNodePool", () => {
  const both = templateOf((scope) => {
    new CpuNodePool(scope, "cpu", { ...NODE, name: "cpu", machineType: "e2-standard-4", minNodes: 3, maxNodes: 5 });
    new GpuNodePool(scope, "gpu", GPU);
  });

  it.each(["cpu", "gpu"])("%s: nodes are private, labelled, shielded, and pods do not see their account", (name) => {
    both.expectResource(ContainerNodePool, {
      name,
      networkConfig: { enablePrivateNodes: true },
      nodeConfig: {
        serviceAccount: "nodes@acme",
        diskType: "pd-balanced",
        imageType: "COS_CONTAINERD",
        resourceLabels: { environment: "demo" },
        gcfsConfig: { enabled: true },
        gvnic: { enabled: true },
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        workloadMetadataConfig: { mode: "GKE_METADATA" },
      },
    });
  });

  it("count nodes of all zones together", () => {
    for (const { body } of both.resources(ContainerNodePool)) {
      const [autoscaling] = blocksAt(body, "autoscaling");
      expect(Object.keys(autoscaling ?? {})).not.toContain("min_node_count");
      expect(Object.keys(autoscaling ?? {})).not.toContain("max_node_count");
    }
    both.expectResource(ContainerNodePool, {
      name: "cpu",
      initialNodeCount: 2,
      autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 5, locationPolicy: "BALANCED" },
    });
  });

  it("upgrade GPU nodes without a spare GPU, and others with a spare node", () => {
    both.expectResource(ContainerNodePool, { name: "gpu", upgradeSettings: { maxSurge: 0, maxUnavailable: 1 } });
    both.expectResource(ContainerNodePool, { name: "cpu", upgradeSettings: { maxSurge: 1, maxUnavailable: 0 } });
  });

  it("set explicitly who installs the GPU driver", () => {
    const accelerator = (gpuDriverVersion: string) => ({
      nodeConfig: {
        guestAccelerator: [{ type: "nvidia-l4", count: 1, gpuDriverInstallationConfig: { gpuDriverVersion } }],
        taint: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
      },
    });
    gpuPool().expectResource(ContainerNodePool, accelerator("DEFAULT"));
    gpuPool({ driver: "daemonset" }).expectResource(ContainerNodePool, accelerator("INSTALLATION_DISABLED"));
  });

  it("take Spot nodes from any zone", () => {
    gpuPool({ spot: true, minNodes: 0 }).expectResource(ContainerNodePool, {
      nodeConfig: { spot: true },
      initialNodeCount: 0,
      autoscaling: { totalMinNodeCount: 0, locationPolicy: "ANY" },
    });
  });
});

describe("ClusterFirewall", () => {
  const props: ClusterFirewallProps = {
    name: "c",
    network: "n",
    nodeAccounts: ["nodes@acme", "auto@acme"],
    nodesCidr: "10.22.0.0/22",
    podsCidr: "10.32.0.0/14",
    controlPlaneCidr: "10.37.0.0/28",
    appPort: 8001,
  };
  const data = {
    servicesCidr: "10.21.0.0/20",
    servingCidr: "10.20.0.0/20",
    postgresPort: 5432,
    redisPort: 6379,
    vectorStorePort: 6333,
    vectorStoreAccount: "qdrant@acme",
  };
  const template = templateOf((scope) => new ClusterFirewall(scope, "firewall", { ...props, data }));
  const nodes = ["nodes@acme", "auto@acme"];

  it("allows the egress that GKE assumes", () => {
    template.expectResource(ComputeFirewall, {
      direction: "EGRESS",
      destinationRanges: ["10.37.0.0/28"],
      allow: [{ protocol: "tcp", ports: ["443", "8132"] }],
      targetServiceAccounts: nodes,
    });
    template.expectResource(ComputeFirewall, {
      direction: "EGRESS",
      destinationRanges: ["199.36.153.8/30"],
      allow: [{ protocol: "tcp", ports: ["443"] }],
      targetServiceAccounts: nodes,
    });
    template.expectResource(ComputeFirewall, {
      direction: "EGRESS",
      destinationRanges: ["10.22.0.0/22", "10.32.0.0/14"],
      allow: [
        { protocol: "tcp", ports: ["1-65535"] },
        { protocol: "udp", ports: ["1-65535"] },
      ],
      targetServiceAccounts: nodes,
    });
  });

  it("allows the load balancer to reach gateways, and the control plane to reach the metrics adapter", () => {
    template.expectResource(ComputeFirewall, {
      direction: "INGRESS",
      sourceRanges: ["35.191.0.0/16", "130.211.0.0/22"],
      allow: [{ protocol: "tcp", ports: ["8001"] }],
      targetServiceAccounts: nodes,
    });
    template.expectResource(ComputeFirewall, {
      direction: "INGRESS",
      sourceRanges: ["10.37.0.0/28"],
      allow: [{ protocol: "tcp", ports: ["6443"] }],
    });
  });

  it("allows pods to reach stores only where there are any, and never the internet", () => {
    template.expectResource(ComputeFirewall, {
      direction: "INGRESS",
      sourceRanges: ["10.32.0.0/14"],
      targetServiceAccounts: ["qdrant@acme"],
    });
    templateOf((scope) => new ClusterFirewall(scope, "firewall", props)).expectCount(ComputeFirewall, 5);
    template.expectCount(ComputeFirewall, 8);
    for (const { body } of template.resources(ComputeFirewall)) {
      expect([...textsAt(body, "destination_ranges"), ...textsAt(body, "source_ranges")]).not.toContain("0.0.0.0/0");
    }
  });

  it("allows alerts on their ports, to any address", () => {
    const alerting = templateOf(
      (scope) => new ClusterFirewall(scope, "firewall", { ...props, alertPorts: [443, 587] }),
    );
    alerting.expectCount(ComputeFirewall, 6);
    alerting.expectResource(ComputeFirewall, {
      direction: "EGRESS",
      destinationRanges: ["0.0.0.0/0"],
      allow: [{ protocol: "tcp", ports: ["443", "587"] }],
    });
  });
});

describe("PodAccount", () => {
  it("may be used by one Kubernetes service account alone", () => {
    const template = templateOf(
      (scope) =>
        new PodAccount(scope, "engine", {
          accountId: "demo-gke-engine",
          displayName: "Engine pods",
          podMember: "serviceAccount:acme.svc.id.goog[llm-serving/engine]",
          dependsOn: [],
        }),
    );
    template.expectResource(ServiceAccountIamMember, {
      role: "roles/iam.workloadIdentityUser",
      member: "serviceAccount:acme.svc.id.goog[llm-serving/engine]",
    });
    template.expectCount(ServiceAccountIamMember, 1);
  });
});

describe("IngressAddress", () => {
  it("has a name, and its host resolves to it by an A record alone", () => {
    const template = templateOf(
      (scope) => new IngressAddress(scope, "ingress", { name: "i", host: "gke.llm.example.com", dnsZone: "public" }),
    );
    template.expectResource(ComputeGlobalAddress, { name: "i", ipVersion: "IPV4" });
    template.expectCount(DnsRecordSet, 1);
    template.expectResource(DnsRecordSet, { name: "gke.llm.example.com.", type: "A", managedZone: "public" });
  });
});
