import { ComputeAutoscaler } from "@cdktf/provider-google/lib/compute-autoscaler";
import { ComputeInstanceGroupManager } from "@cdktf/provider-google/lib/compute-instance-group-manager";
import { Construct } from "constructs";
import { CUSTOM_METRICS } from "../../planning/custom-metrics";
import { SERVING_PORT_NAME } from "./load-balancer";

/**
 * Targets of the autoscaler, for the mean over the instances. Names and figures, R-88 and R-89:
 * more than 100 waiting, more than 2 s to the first token at p95, more than 80 % of the GPU.
 */
const SCALING_TARGETS = [
  { name: CUSTOM_METRICS.queueLength.type, target: 100 },
  { name: CUSTOM_METRICS.ttftP95.type, target: 2000 },
  { name: CUSTOM_METRICS.gpuUsage.type, target: 80 },
] as const;

/** Seconds of boot and model load in which an instance's figures say nothing. Source: R-105. */
const MODEL_LOAD_SECONDS = 600;

/** At most one instance leaves in this many seconds. Source: R-105. */
const SCALE_IN_WINDOW_SECONDS = 600;

/**
 * Seconds before auto-healing looks at a new instance: the start-up probe's 10 s × 90 of R-23. Less would replace an
 * instance for ever while it loads its models.
 */
const FIRST_BOOT_SECONDS = 900;

/**
 * How auto-healing asks, whichever path answers whether a new instance would help: five minutes without an answer before
 * an instance is replaced, because its successor takes as long as its models take to load. Google advises a more
 * patient check than the balancer's: https://cloud.google.com/compute/docs/instance-groups/autohealing-instances-in-migs
 */
export const REPAIR_CHECK = {
  intervalSeconds: 30,
  timeoutSeconds: 10,
  healthyThreshold: 1,
  unhealthyThreshold: 10,
} as const;

/** Longest base name: four random characters and a hyphen follow. Source: `google_compute_instance_group_manager`. */
const MAX_BASE_NAME_LENGTH = 58;

export interface ManagedInstanceGroupProps {
  /** Name of the group, e.g. `ai-1-managed`. */
  readonly name: string;
  /** Begin of its instances' names, at most 58 characters, e.g. `ai-1`. */
  readonly baseInstanceName: string;
  readonly zone: string;
  /** TCP port that the instances serve on. */
  readonly port: number;
  /** Link of the instance template; a new one is rolled out. */
  readonly instanceTemplate: string;
  /** Link of a health check that fails only where a new instance would help: liveness, never readiness. */
  readonly repairHealthCheck: string;
  readonly minInstances: number;
  readonly maxInstances: number;
}

/**
 * Zonal managed instance group of GPU VMs with repair and an autoscaler on three metrics that the machines push.
 *
 * The autoscaler asks for as many instances as the most demanding metric needs, `ceil(instances × mean / target)`; it
 * knows targets, not a pair of thresholds, so the scale-in figures of R-88 are kept from flapping by the scale-in
 * control instead. No CPU target: GPU work hardly moves the CPU. Each metric must be written as one series per instance
 * on the resource `gce_instance`: without any the autoscaler stays where it is, and several (one per GPU) are summed.
 *
 * A rollout replaces one instance at a time and needs no spare L4 quota (no surge): with a single instance the group is
 * empty meanwhile, and the other group serves. `target_size` stays unset, because it is the autoscaler's.
 *
 * @example
 * new ManagedInstanceGroup(this, "ai-1", {
 *   name: "ai-1-managed", baseInstanceName: "ai-1", zone, port: 8001, instanceTemplate: template.selfLink,
 *   repairHealthCheck: liveness.link, minInstances: 2, maxInstances: 6,
 * });
 */
export class ManagedInstanceGroup extends Construct {
  readonly kind = "managed-instance-group";
  readonly resource: ComputeInstanceGroupManager;

  /** @throws RangeError where the bounds are out of order or the name leaves no room for the instances' suffix. */
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
      // An apply that waits for GPUs which a zone lacks would run into its time limit.
      waitForInstances: false,
      lifecycle: { createBeforeDestroy: true },
    });
    this.addAutoscaler(props);
  }

  /** Link for backend services. */
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
