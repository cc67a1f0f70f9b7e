import type { GpuUtilization } from "../load/gpu-utilization";
import type { HealthCheck } from "./health-check";
import type { Readiness } from "./readiness";

/** Whether every model answers, also those that ready can do without, by the last background probe. */
export function enginesAnswer(readiness: Readiness): boolean {
  return readiness.states.every(({ need, ready }) => need === "none" || ready);
}

/** {@link enginesAnswer} as a check; it sends nothing to an engine. */
export function engineCheck(readiness: Readiness): HealthCheck {
  return {
    name: "engine",
    check: async () => {
      const ok = enginesAnswer(readiness);
      return { ok, reason: ok ? "every model answers" : readiness.reason };
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
