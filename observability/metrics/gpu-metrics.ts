import { gauge } from "./metric";

const emitter = "dcgm-exporter";
/** `gpu` is the index on its machine, `UUID` the card. On GKE the exporter adds the pod that holds it. */
const labels = ["gpu", "UUID", "modelName", "Hostname"] as const;

/**
 * NVIDIA's DCGM exporter. https://docs.nvidia.com/datacenter/dcgm/latest/dcgm-api/dcgm-api-field-ids.html
 *
 * Two of them mislead: utilization shows that some kernel ran, not how much work was done, and memory never falls under
 * vLLM, which takes its share at start. The two profiling metrics measure the work.
 */
export const GPU_METRICS = {
  utilization: gauge({
    name: "DCGM_FI_DEV_GPU_UTIL",
    unit: "percent",
    labels,
    emitter,
    help: "Share of the time in which any kernel ran.",
  }),
  memoryUsed: gauge({ name: "DCGM_FI_DEV_FB_USED", unit: "mebibytes", labels, emitter, help: "Framebuffer in use." }),
  memoryFree: gauge({ name: "DCGM_FI_DEV_FB_FREE", unit: "mebibytes", labels, emitter, help: "Framebuffer free." }),
  tensorActive: gauge({
    name: "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
    unit: "ratio",
    labels,
    emitter,
    help: "Share of the cycles in which the tensor cores worked: prefill.",
  }),
  dramActive: gauge({
    name: "DCGM_FI_PROF_DRAM_ACTIVE",
    unit: "ratio",
    labels,
    emitter,
    help: "Share of the cycles in which memory moved: decode.",
  }),
  power: gauge({
    name: "DCGM_FI_DEV_POWER_USAGE",
    unit: "watts",
    labels,
    emitter,
    help: "Power drawn; an L4 may take 72 W.",
  }),
  temperature: gauge({
    name: "DCGM_FI_DEV_GPU_TEMP",
    unit: "celsius",
    labels,
    emitter,
    help: "Temperature of the GPU.",
  }),
  xid: gauge({
    name: "DCGM_FI_DEV_XID_ERRORS",
    unit: "info",
    labels,
    emitter,
    help: "Code of the last XID error, kept until the exporter restarts; 0 or absent while there was none.",
  }),
} as const;
