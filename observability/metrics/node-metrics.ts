import { counter, gauge } from "./metric";

const emitter = "node-exporter";

/** Of machines: https://github.com/prometheus/node_exporter */
export const NODE_METRICS = {
  cpuSeconds: counter({
    name: "node_cpu_seconds_total",
    unit: "seconds",
    labels: ["cpu", "mode"],
    emitter,
    help: "Time by CPU and mode.",
  }),
  memoryAvailable: gauge({
    name: "node_memory_MemAvailable_bytes",
    unit: "bytes",
    emitter,
    help: "Memory free for use.",
  }),
  memoryTotal: gauge({ name: "node_memory_MemTotal_bytes", unit: "bytes", emitter, help: "Memory in all." }),
  filesystemAvailable: gauge({
    name: "node_filesystem_avail_bytes",
    unit: "bytes",
    labels: ["device", "fstype", "mountpoint"],
    emitter,
    help: "Room left on a file system.",
  }),
  filesystemSize: gauge({
    name: "node_filesystem_size_bytes",
    unit: "bytes",
    labels: ["device", "fstype", "mountpoint"],
    emitter,
    help: "Size of a file system.",
  }),
  filesystemReadonly: gauge({
    name: "node_filesystem_readonly",
    unit: "state",
    labels: ["device", "fstype", "mountpoint"],
    emitter,
    help: "1 where a file system is mounted read-only, as a VM's own image is.",
  }),
  /** Written by the VM's boot script into the textfile collector. */
  modelReady: gauge({
    name: "terrace_model_ready",
    unit: "state",
    labels: ["model"],
    emitter,
    help: "On a VM: 1 once a model's weights are complete and verified, 0 while they are fetched.",
  }),
} as const;
