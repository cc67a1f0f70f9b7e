import {
  ComputeBackendService,
  type ComputeBackendServiceBackend,
} from "@cdktf/provider-google/lib/compute-backend-service";
import { Construct } from "constructs";
import { LOAD_REPORT } from "../../app/src/contract";
import { LOAD_BALANCING_SCHEME, SERVING_PORT_NAME } from "./load-balancer";
import type { ManagedInstanceGroup } from "./managed-instance-group";
import type { NetworkEndpointGroup } from "./network-endpoint-group";
import type { UnmanagedInstanceGroup } from "./unmanaged-instance-group";

/**
 * Seconds that a whole request may take, a streamed answer from its first byte to its last; the default of 30 cuts
 * streams. Source: R-11. https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting
 */
const STREAM_TIMEOUT_SECONDS = 3600;

/**
 * Load that each answer reports in the header `endpoint-load-metrics`: the busiest L4, and the share of the app's queue
 * that is taken, both from 0 to 1. `orca.named_metrics.` is the load balancer's prefix for names of one's own.
 * Source: https://cloud.google.com/load-balancing/docs/https/applb-custom-metrics
 */
const REPORTED_METRICS = [LOAD_REPORT.gpuUtilization, LOAD_REPORT.queueFill].map(
  (name) => `orca.named_metrics.${name}`,
);

interface CommonProps {
  readonly name: string;
  /** Link of the health check. */
  readonly healthCheck: string;
  /** Link of the Cloud Armor policy. */
  readonly securityPolicy: string;
  /** Seconds in which a leaving instance may finish its requests, 0 to 3600. */
  readonly drainingSeconds: number;
}

export interface UtilizationBackendServiceProps extends CommonProps {
  readonly mode: "utilization";
  /** Share of the CPU, 0 to 1, at which a group counts as full. */
  readonly maxUtilization: number;
  /** Requests a second to this backend service at which an instance counts as full. */
  readonly maxRatePerInstance: number;
  readonly groups: readonly (UnmanagedInstanceGroup | ManagedInstanceGroup)[];
}

export interface CustomMetricsBackendServiceProps extends CommonProps {
  readonly mode: "custom-metrics";
  /** Share of `gpu_util` or `queue_fill`, 0 to 1, at which a group counts as full. */
  readonly maxUtilization: number;
  readonly groups: readonly (NetworkEndpointGroup | ManagedInstanceGroup)[];
}

/** An endpoint group of pods: GKE makes it and fills it, so it is known by its link alone. */
export interface PodEndpointGroup {
  readonly kind: "pod-endpoint-group";
  /** Link of the zonal group. */
  readonly link: string;
}

export interface RateBackendServiceProps extends CommonProps {
  readonly mode: "rate";
  /** Requests a second at which a pod counts as full. */
  readonly maxRatePerEndpoint: number;
  readonly groups: readonly PodEndpointGroup[];
}

export type BackendServiceProps =
  | UtilizationBackendServiceProps
  | CustomMetricsBackendServiceProps
  | RateBackendServiceProps;

/**
 * Backend service of one route class, or of the cluster's gateways, on a global external Application Load Balancer, over all its groups.
 *
 * `utilization`: UTILIZATION means CPU, not GPU as in R-4, and GPU inference barely uses the CPU, so alone it
 * would never see a VM as full. `max_rate_per_instance` stands beside it and is what speaks first. Google keeps count
 * per backend service: a VM behind four classes is full for each of them apart. All backend services over one group
 * must use the same mode, which holds because an environment has one. "Full" only moves traffic to another group: where
 * all are full the load balancer still sends, and the app answers 429 with `Retry-After`.
 *
 * `custom-metrics`: instances report GPU and queue themselves, and both choices follow them, of the group and of the
 * instance (WEIGHTED_ROUND_ROBIN). Types keep unmanaged groups out, which Google refuses. No metric is a dry run; were
 * all of them one, traffic would be spread blindly.
 *
 * `rate`: pods in the zonal endpoint groups that GKE makes for a Service. Such groups carry no instances, so there is no
 * CPU to look at, and no `port_name`: each endpoint brings its port. The groups must exist before the service is made.
 *
 * Among the instances of a group, LEAST_REQUEST: answers last from one second to minutes, so turns are no fair share.
 * No outlier detection: its default ejects 10 % of the hosts, which of two hosts is none or half, and it takes the
 * app's honest 503 for a fault; the health check is the one judge. No compression and no CDN: both hold back streams.
 *
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
      // A few requests a second at most: every one is worth its line.
      logConfig: { enable: true, sampleRate: 1 },
      ...balancing(props),
    });
  }
}

/** What Google refuses at apply, said at synth. https://cloud.google.com/load-balancing/docs/backend-service */
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

/** The arguments that the balancing mode decides. */
function balancing(props: BackendServiceProps) {
  if (props.mode === "utilization") {
    return { localityLbPolicy: "LEAST_REQUEST", portName: SERVING_PORT_NAME, backend: utilizationBackends(props) };
  }
  if (props.mode === "rate") {
    return {
      localityLbPolicy: "LEAST_REQUEST",
      backend: rateBackends(props),
      // When the cluster is detached the URL map must forget the service before it is deleted, or Google refuses.
      lifecycle: { createBeforeDestroy: true },
    };
  }
  return {
    localityLbPolicy: "WEIGHTED_ROUND_ROBIN",
    // Endpoints carry their port themselves; a managed group is asked for its named port.
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
