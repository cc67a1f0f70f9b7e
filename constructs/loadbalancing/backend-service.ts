import {
  ComputeBackendService,
  type ComputeBackendServiceBackend,
} from "@cdktf/provider-google/lib/compute-backend-service";
import { Construct } from "constructs";
import { LOAD_REPORT } from "../../app/src/contract/endpoints";
import { LOAD_BALANCING_SCHEME, SERVING_PORT_NAME } from "./load-balancer";
import type { ManagedInstanceGroup } from "./managed-instance-group";
import type { NetworkEndpointGroup } from "./network-endpoint-group";
import type { UnmanagedInstanceGroup } from "./unmanaged-instance-group";

/** The default of 30 cuts streams. Source: R-11. https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting */
const STREAM_TIMEOUT_SECONDS = 3600;

/** The busiest L4 and the queue's fill, 0 to 1, under Google's prefix. https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics */
const REPORTED_METRICS = [LOAD_REPORT.gpuUtilization, LOAD_REPORT.queueFill].map(
  (name) => `orca.named_metrics.${name}`,
);

interface CommonProps {
  readonly name: string;
  readonly healthCheck: string;
  readonly securityPolicy: string;
  /** 0 to 3600. */
  readonly drainingSeconds: number;
}

export interface UtilizationBackendServiceProps extends CommonProps {
  readonly mode: "utilization";
  /** CPU share, 0 to 1, at which a group is full. */
  readonly maxUtilization: number;
  /** Requests a second at which an instance is full. */
  readonly maxRatePerInstance: number;
  readonly groups: readonly (UnmanagedInstanceGroup | ManagedInstanceGroup)[];
}

export interface CustomMetricsBackendServiceProps extends CommonProps {
  readonly mode: "custom-metrics";
  /** Share of `gpu_util` or `queue_fill`, 0 to 1, at which a group is full. */
  readonly maxUtilization: number;
  readonly groups: readonly (NetworkEndpointGroup | ManagedInstanceGroup)[];
}

/** Made and filled by GKE, so known by its link alone. */
export interface PodEndpointGroup {
  readonly kind: "pod-endpoint-group";
  readonly link: string;
}

export interface RateBackendServiceProps extends CommonProps {
  readonly mode: "rate";
  /** Requests a second at which a pod is full. */
  readonly maxRatePerEndpoint: number;
  readonly groups: readonly PodEndpointGroup[];
}

export type BackendServiceProps =
  | UtilizationBackendServiceProps
  | CustomMetricsBackendServiceProps
  | RateBackendServiceProps;

/**
 * Backend service of a route class, or of the cluster's gateways, on a global external Application Load Balancer.
 * - `utilization`: UTILIZATION means CPU, which GPU inference barely uses, so `max_rate_per_instance` decides.
 *   All backend services over one group must have the same mode. "Full" only moves traffic: where all groups are full,
 *   the app answers 429 with `Retry-After`.
 * - `custom-metrics`: instances report GPU and queue. Google refuses unmanaged groups, and so do the types.
 * - `rate`: pods in zonal endpoint groups, without CPU or `port_name`. The groups must exist first.
 * LEAST_REQUEST, because answers last from a second to minutes. No outlier detection: it would eject half of two hosts
 * for the app's honest 503. No compression and no CDN: both hold back streams.
 * @example
 * new BackendService(this, "til", {
 *   name: names.backendService("til"), mode: "utilization", maxUtilization: 0.8, maxRatePerInstance: 3,
 *   groups: [ai1, ai2], healthCheck: check.link, securityPolicy: names.securityPolicyLink(), drainingSeconds: 300,
 * });
 */
export class BackendService extends Construct {
  readonly resource: ComputeBackendService;

  /** @throws RangeError where no group is given, one twice, or endpoint groups beside instance groups. */
  constructor(scope: Construct, id: string, props: BackendServiceProps) {
    super(scope, id);
    checkGroups(props);
    this.resource = new ComputeBackendService(this, "service", {
      name: props.name,
      loadBalancingScheme: LOAD_BALANCING_SCHEME,
      protocol: "HTTP",
      healthChecks: [props.healthCheck],
      securityPolicy: props.securityPolicy,
      timeoutSec: STREAM_TIMEOUT_SECONDS,
      connectionDrainingTimeoutSec: props.drainingSeconds,
      sessionAffinity: "NONE",
      enableCdn: false,
      compressionMode: "DISABLED",
      // A few requests a second at most.
      logConfig: { enable: true, sampleRate: 1 },
      ...balancing(props),
    });
  }
}

/** Google refuses it at apply. https://cloud.google.com/load-balancing/docs/backend-service */
function checkGroups(props: BackendServiceProps): void {
  const name = props.name;
  const groups: readonly BackendServiceProps["groups"][number][] = props.groups;
  if (groups.length === 0) throw new RangeError(`backend service "${name}" needs at least one group`);
  if (new Set(groups).size < groups.length) throw new RangeError(`backend service "${name}" has a group twice`);
  const endpoints = groups.filter((group) => group.kind === "endpoint-group").length;
  if (endpoints > 0 && endpoints < groups.length) {
    throw new RangeError(`backend service "${name}" mixes endpoint groups with managed instance groups: use one kind`);
  }
}

function balancing(props: BackendServiceProps) {
  if (props.mode === "utilization") {
    return { localityLbPolicy: "LEAST_REQUEST", portName: SERVING_PORT_NAME, backend: utilizationBackends(props) };
  }
  if (props.mode === "rate") {
    return {
      localityLbPolicy: "LEAST_REQUEST",
      backend: rateBackends(props),
      // A detached cluster's service must leave the URL map before it is deleted.
      lifecycle: { createBeforeDestroy: true },
    };
  }
  return {
    localityLbPolicy: "WEIGHTED_ROUND_ROBIN",
    // Endpoints carry their port themselves.
    ...(props.groups.some((group) => group.kind === "managed-instance-group") ? { portName: SERVING_PORT_NAME } : {}),
    customMetrics: REPORTED_METRICS.map((name) => ({ name, dryRun: false })),
    backend: customMetricsBackends(props),
  };
}

function utilizationBackends(props: UtilizationBackendServiceProps): ComputeBackendServiceBackend[] {
  return props.groups.map((group) => ({
    group: group.link,
    balancingMode: "UTILIZATION",
    capacityScaler: 1,
    maxUtilization: props.maxUtilization,
    maxRatePerInstance: props.maxRatePerInstance,
  }));
}

function rateBackends({ groups, maxRatePerEndpoint }: RateBackendServiceProps): ComputeBackendServiceBackend[] {
  return groups.map(({ link }) => ({ group: link, balancingMode: "RATE", capacityScaler: 1, maxRatePerEndpoint }));
}

function customMetricsBackends(props: CustomMetricsBackendServiceProps): ComputeBackendServiceBackend[] {
  return props.groups.map((group) => ({
    group: group.link,
    balancingMode: "CUSTOM_METRICS",
    capacityScaler: 1,
    customMetrics: REPORTED_METRICS.map((name) => ({
      name,
      dryRun: false,
      maxUtilization: props.maxUtilization,
    })),
  }));
}
