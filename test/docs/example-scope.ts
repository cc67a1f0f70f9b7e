/**
 * What the examples in doc comments may name without saying where it comes from. The compiler alone reads this file: an
 * example shows what it is about, and its surroundings have the same names everywhere.
 */
import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { GpuMachineProps } from "../../constructs/compute/gpu-machine";
import type { GpuVm } from "../../constructs/compute/gpu-vm";
import type { MemorystoreInstance } from "../../constructs/data/memorystore-instance";
import type { PostgresInstance } from "../../constructs/data/postgres-instance";
import type { ClusterFirewall } from "../../constructs/gke/cluster-firewall";
import type { ReleaseValuesProps } from "../../constructs/gke/llm-serving/release-values";
import type { RegionalCluster } from "../../constructs/gke/regional-cluster";
import type { GithubFederation } from "../../constructs/identity/github-federation";
import type { WorkloadAccount } from "../../constructs/identity/workload-account";
import type { CertificateMap } from "../../constructs/loadbalancing/certificate-map";
import type { GlobalAddresses } from "../../constructs/loadbalancing/global-addresses";
import type { HttpHealthCheck } from "../../constructs/loadbalancing/http-health-check";
import type { HttpsRedirectUrlMap } from "../../constructs/loadbalancing/https-redirect-url-map";
import type { RouteUrlMap } from "../../constructs/loadbalancing/route-url-map";
import type { UnmanagedInstanceGroup } from "../../constructs/loadbalancing/unmanaged-instance-group";
import type { Vpc } from "../../constructs/network/vpc";
import type { MonitoringVmProps } from "../../constructs/observability/monitoring-vm";
import type { ImageReference, NamedImage } from "../../planning/images";
import type { Names } from "../../planning/names";
import type { ServingUnit } from "../../planning/serving-unit";

export { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
export { ComputeInstanceGroup } from "@cdktf/provider-google/lib/compute-instance-group";
export { ComputeInstanceGroupManager } from "@cdktf/provider-google/lib/compute-instance-group-manager";
export { PATHS } from "../../app/src/contract/endpoints";
export { GoogleMetricsAdapter } from "../../constructs/gke/google-metrics-adapter";
export { releaseValues } from "../../constructs/gke/llm-serving/release-values";
export { PrivateRecord } from "../../constructs/network/private-record";
export { databaseDown } from "../../constructs/observability/cloud-conditions";
export { ALERT_ROUTING } from "../../observability/alerts/routing";
export { ruleFiles } from "../../observability/prometheus/rule-files";
export { chartSource } from "../../planning/charts";
export { imageReference } from "../../planning/images";
export { HEALTH_CHECK } from "../../planning/load-balancer-check";
export { VECTOR_STORE } from "../../planning/names";
export { BACKUP_COMMAND } from "../../planning/scheduled-commands";

export declare const names: Names;
export declare const project: string;
export declare const region: string;
export declare const zone: string;
export declare const zones: readonly string[];
export declare const labels: Readonly<Record<string, string>>;

/** Links or names of what another example makes. */
export declare const network: string;
export declare const subnetwork: string;
export declare const podsRange: string;
export declare const servicesRange: string;
export declare const address: string;
export declare const ipAddress: string;
export declare const channels: string[];
export declare const runbooksUrl: string;

/** E-mail addresses of service accounts, and members of IAM. */
export declare const account: string;
export declare const starter: string;
export declare const serviceAccountEmail: string;
export declare const llmAccount: string;
export declare const nodeAccount: string;
export declare const autoNodeAccount: string;
export declare const member: string;
export declare const deployer: string;

/** Inputs that are too large for an example. */
export declare const machine: GpuMachineProps;
export declare const unit: ServingUnit;
export declare const image: ImageReference;
export declare const images: { readonly qdrant: NamedImage };
export declare const monitoringImages: MonitoringVmProps["images"];
export declare const releaseProps: ReleaseValuesProps;
export declare const values: object;

/** Constructs of other examples. */
export declare const stack: TerraformStack;
export declare const vpc: Vpc;
export declare const vm: GpuVm;
export declare const template: { readonly selfLink: string };
export declare const ai1: UnmanagedInstanceGroup;
export declare const ai2: UnmanagedInstanceGroup;
export declare const check: HttpHealthCheck;
export declare const liveness: HttpHealthCheck;
export declare const addresses: GlobalAddresses;
export declare const certificates: CertificateMap;
export declare const redirect: HttpsRedirectUrlMap;
export declare const routes: RouteUrlMap;
export declare const firewall: ClusterFirewall;
export declare const cluster: RegionalCluster;
export declare const nodes: WorkloadAccount;
export declare const autoNodes: WorkloadAccount;
export declare const github: GithubFederation;
export declare const postgres: PostgresInstance;
export declare const redis: MemorystoreInstance;
export declare const qdrant: Construct;
export declare const monitoring: Construct;
