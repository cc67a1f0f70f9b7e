import type { GpuUtilization } from "../load/gpu-utilization";
import type { HealthCheck } from "./health-check";
import type { Readiness } from "./readiness";

/** Whether every model answers, also those that ready can do without: what background watching saw last, so no engine is asked. */
export function engineCheck(readiness: Readiness): HealthCheck {
  return {
    name: "engine",
    check: async () => {
      const down = readiness.states.some(({ need, ready }) => need !== "none" && !ready);
      return { ok: !down, reason: down ? readiness.reason : "every model answers" };
    },
  };
}

/** Whether the DCGM exporter of this machine answers. */
export function gpuCheck(gpu: GpuUtilization): HealthCheck {
  return {
    name: "gpu",
    check: async () => {
      const { value } = gpu;
      if (value === undefined) return { ok: false, reason: "the DCGM exporter does not answer" };
      return { ok: true, reason: `the busiest GPU is ${Math.round(value * 100)} % busy` };
    },
  };
}
