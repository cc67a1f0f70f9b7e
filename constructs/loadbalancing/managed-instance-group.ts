import { ComputeAutoscaler } from "@cdktf/provider-google/lib/compute-autoscaler";
import { ComputeInstanceGroupManager } from "@cdktf/provider-google/lib/compute-instance-group-manager";
import { Construct } from "constructs";
import { CUSTOM_METRICS } from "../../planning/custom-metrics";
import { SERVING_PORT_NAME } from "./load-balancer";

/** Means over the instances. Source: 100 waiting, 2 s to the first token at p95, 80 % of the GPU. */
const SCALING_TARGETS = [
  { name: CUSTOM_METRICS.queueLength.type, target: 100 },
  { name: CUSTOM_METRICS.ttftP95.type, target: 2000 },
  { name: CUSTOM_METRICS.gpuUsage.type, target: 80 },
] as const;

/** Source: R-105. */
const MODEL_LOAD_SECONDS = 600;

/** For one instance to leave. Source: R-105. */
const SCALE_IN_WINDOW_SECONDS = 600;

/** The start-up probe's 10 s × 90 of R-23. Less would replace an instance for ever while it loads its models. */
const FIRST_BOOT_SECONDS = 900;

/**
 * Five minutes without an answer, because a successor takes as long as its models take to load. Google advises more
 * patience than for balancing: https://cloud.google.com/compute/docs/instance-groups/autohealing-instances-in-migs
 */
export const REPAIR_CHECK = {
  intervalSeconds: 30,
  timeoutSeconds: 10,
  healthyThreshold: 1,
  unhealthyThreshold: 10,
} as const;

/** Four random characters and a hyphen follow. Source: `google_compute_instance_group_manager`. */
const MAX_BASE_NAME_LENGTH = 58;

export interface ManagedInstanceGroupProps {
  /** E.g. `ai-1-managed`. */
  readonly name: string;
  /** At most 58 characters, e.g. `ai-1`. */
  readonly baseInstanceName: string;
  readonly zone: string;
  readonly port: number;
  /** A new one is rolled out. */
  readonly instanceTemplate: string;
  /** Liveness, never readiness. */
  readonly repairHealthCheck: string;
  readonly minInstances: number;
  readonly maxInstances: number;
}

/**
 * GPU VMs with repair and an autoscaler on three pushed metrics: `ceil(instances × mean / target)` of the most
 * demanding one. Scale-in control takes the place of R-88's lower figures. No CPU target: GPU work hardly moves the CPU. Each
 * metric is one series an instance on `gce_instance`; several would be summed, and without any the group keeps its
 * size.
 * A rollout replaces one instance at a time, without spare L4 quota. `target_size` is the autoscaler's.
 * @example
 * new ManagedInstanceGroup(this, "ai-1", {
 *   name: "ai-1-managed", baseInstanceName: "ai-1", zone, port: 8001, instanceTemplate: template.selfLink,
 *   repairHealthCheck: liveness.link, minInstances: 2, maxInstances: 6,
 * });
 */
export class ManagedInstanceGroup extends Construct {
  readonly kind = "managed-instance-group";
  readonly resource: ComputeInstanceGroupManager;

  /** @throws RangeError where the bounds are out of order or the name is too long. */
  constructor(scope: Construct, id: string, props: ManagedInstanceGroupProps) {
    super(scope, id);
    const { name, baseInstanceName, zone, minInstances, maxInstances } = props;
    if (minInstances > maxInstances) {
      throw new RangeError(`minInstances ${minInstances} is more than maxInstances ${maxInstances}`);
    }
    if (baseInstanceName.length > MAX_BASE_NAME_LENGTH) {
      throw new RangeError(`baseInstanceName "${baseInstanceName}" is longer than ${MAX_BASE_NAME_LENGTH} characters`);
    }
    this.resource = new ComputeInstanceGroupManager(this, "manager", {
      name,
      zone,
      baseInstanceName,
      version: [{ instanceTemplate: props.instanceTemplate }],
      namedPort: [{ name: SERVING_PORT_NAME, port: props.port }],
      autoHealingPolicies: { healthCheck: props.repairHealthCheck, initialDelaySec: FIRST_BOOT_SECONDS },
      updatePolicy: {
        type: "PROACTIVE",
        minimalAction: "REPLACE",
        replacementMethod: "SUBSTITUTE",
        maxSurgeFixed: 0,
        maxUnavailableFixed: 1,
      },
      // A zone may lack GPUs for longer than an apply waits.
      waitForInstances: false,
      lifecycle: { createBeforeDestroy: true },
    });
    this.addAutoscaler(props);
  }

  get link(): string {
    return this.resource.instanceGroup;
  }

  private addAutoscaler({ name, zone, minInstances, maxInstances }: ManagedInstanceGroupProps): void {
    new ComputeAutoscaler(this, "autoscaler", {
      name,
      zone,
      target: this.resource.id,
      autoscalingPolicy: {
        mode: "ON",
        minReplicas: minInstances,
        maxReplicas: maxInstances,
        cooldownPeriod: MODEL_LOAD_SECONDS,
        metric: SCALING_TARGETS.map(({ name: metric, target }) => ({ name: metric, target, type: "GAUGE" })),
        scaleInControl: { timeWindowSec: SCALE_IN_WINDOW_SECONDS, maxScaledInReplicas: { fixed: 1 } },
      },
    });
  }
}
