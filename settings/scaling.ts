import { e2Shape } from "../planning/e2-shapes";
import { MACHINE_TYPES } from "../planning/gpus";
import { podPlacement } from "../planning/pod-placement";
import type { Provisioning } from "../planning/prices";
import type { ScalingInput } from "../planning/scaling";
import { machinesOf } from "./machines";
import type { KubernetesSettings, Settings } from "./settings";

type Needed = Pick<Settings, "profile" | "machine" | "groups">;

/** The links of the cluster's scaling chain, as the settings have them. */
export function scalingInput(settings: Needed, kubernetes: KubernetesSettings): ScalingInput {
  const { engines, gateway, autoProvisioning, cpuPool } = kubernetes;
  return {
    // The cluster runs the models of the first group, one Deployment each.
    models: podPlacement(settings.groups[0]?.engines ?? []).length,
    engineReplicas: { min: engines.minReplicas, max: engines.maxReplicas },
    gatewayReplicas: { min: gateway.minReplicas, max: gateway.maxReplicas },
    colours: kubernetes.colours,
    warmSpare: kubernetes.warmSpare,
    gpuPool: kubernetes.gpuPool,
    cpuPool: { ...cpuPool, ...e2Shape(cpuPool.machineType) },
    limits: { cpu: autoProvisioning.maxCpu, memoryGb: autoProvisioning.maxMemoryGb, l4: autoProvisioning.maxL4 },
    quota: kubernetes.quota,
    heldByVms: { l4: l4sOfVms(settings, "standard"), preemptibleL4: l4sOfVms(settings, "spot") },
    available: settings.profile === "production",
  };
}

/** L4s that the VMs of step 1 may hold: they and the cluster share the region's quota. */
function l4sOfVms({ machine, groups }: Needed, provisioning: Provisioning): number {
  const { l4Count } = MACHINE_TYPES[machine.type];
  return groups.reduce((sum, group) => sum + machinesOf(group, provisioning).max * l4Count, 0);
}
