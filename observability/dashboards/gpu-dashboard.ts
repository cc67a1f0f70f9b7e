import { GPU_METRICS } from "../metrics/gpu-metrics";
import type { Gauge } from "../metrics/metric";
import type { Expression } from "../promql/expression";
import { aggregate, max, sum } from "../promql/functions";
import { divide, operate } from "../promql/operators";
import { BY_TARGET, select } from "../promql/select";
import type { Dashboard, Row } from "./dashboard";
import { CHOSEN_TARGETS, GPU_VARIABLES, withTarget } from "./scope";

const { dramActive, memoryFree, memoryUsed, power, temperature, tensorActive, utilization, xid } = GPU_METRICS;

/** Watts that an L4 may take. Source: https://www.nvidia.com/en-us/data-center/l4/ */
const L4_WATTS = 72;
/**
 * Highest at which an L4 works as it should; 2 degrees above it slows down, 5 above it stops. Source: an L4's own
 * `nvidia-smi -q` (VBIOS 95.04.29): 33 C and "GPU T.Limit Temp" 53 C, slowdown at -2 C, shutdown at -5 C.
 */
const HOTTEST_CELSIUS = 86;
const NEAR_HOTTEST_CELSIUS = 80;

const BY_GPU = ["gpu", ...BY_TARGET];
const GPU = "{{target}} GPU {{gpu}}";

type GpuMetric = Gauge<(typeof utilization)["labels"][number]>;
const chosen = (metric: GpuMetric) => select(metric, CHOSEN_TARGETS);
const eachGpu = (of: Expression) => withTarget(max(of, BY_GPU));

const memory = operate(chosen(memoryUsed), "+", chosen(memoryFree));

const NOW: Row = {
  title: "Now",
  panels: [
    {
      kind: "stat",
      title: "GPUs",
      description: "GPUs of which DCGM tells.",
      unit: "count",
      queries: [{ expression: aggregate("count", chosen(utilization)), legend: "GPUs" }],
      width: 4,
    },
    {
      kind: "stat",
      title: "Busy",
      description: "Share of the time in which some kernel ran, mean of all GPUs.",
      unit: "percent",
      decimals: 0,
      queries: [{ expression: aggregate("avg", chosen(utilization)), legend: "busy" }],
      thresholds: [{ from: 95, colour: "orange" }],
      alert: "GpuSaturated",
      width: 5,
    },
    {
      kind: "stat",
      title: "Hottest",
      description: "The hottest GPU.",
      unit: "celsius",
      decimals: 0,
      queries: [{ expression: max(chosen(temperature)), legend: "hottest" }],
      thresholds: [
        { from: NEAR_HOTTEST_CELSIUS, colour: "orange" },
        { from: HOTTEST_CELSIUS, colour: "red" },
      ],
      width: 5,
    },
    {
      kind: "stat",
      title: "Power",
      description: "Drawn by all GPUs together.",
      unit: "watts",
      decimals: 0,
      queries: [{ expression: sum(chosen(power)), legend: "power" }],
      width: 5,
    },
    {
      kind: "stat",
      title: "Last XID",
      description: "The highest code that a driver reported since its exporter started; 0: none.",
      unit: "count",
      queries: [{ expression: max(chosen(xid)), legend: "XID" }],
      thresholds: [{ from: 1, colour: "red" }],
      alert: "GpuXidError",
      width: 5,
    },
  ],
};

const WORK: Row = {
  title: "Work",
  panels: [
    {
      kind: "graph",
      title: "Utilization",
      description: "Share of the time in which any kernel ran, not how much it did.",
      unit: "percent",
      max: 100,
      queries: [{ expression: eachGpu(chosen(utilization)), legend: GPU }],
      thresholds: [{ from: 95, colour: "orange" }],
      alert: "GpuSaturated",
      width: 8,
    },
    {
      kind: "graph",
      title: "Tensor cores",
      description: "Share of the cycles in which they worked: the prefill of prompts.",
      unit: "ratio",
      max: 1,
      queries: [{ expression: eachGpu(chosen(tensorActive)), legend: GPU }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Memory bus",
      description: "Share of the cycles in which memory moved: the decoding of tokens, which an L4 does at its speed.",
      unit: "ratio",
      max: 1,
      queries: [{ expression: eachGpu(chosen(dramActive)), legend: GPU }],
      width: 8,
    },
  ],
};

const CARD: Row = {
  title: "Card",
  panels: [
    {
      kind: "graph",
      title: "Memory taken",
      description: "vLLM takes its share at the start and keeps it. How full it is, the KV cache says.",
      unit: "ratio",
      max: 1,
      queries: [{ expression: eachGpu(divide(chosen(memoryUsed), memory)), legend: GPU }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Memory in use",
      description: "Framebuffer that programs hold.",
      unit: "mebibytes",
      queries: [{ expression: eachGpu(chosen(memoryUsed)), legend: GPU }],
      width: 8,
    },
    {
      kind: "graph",
      title: "Temperature",
      description: "An L4 has no fan of its own; just above the red line it slows down.",
      unit: "celsius",
      queries: [{ expression: eachGpu(chosen(temperature)), legend: GPU }],
      thresholds: [
        { from: NEAR_HOTTEST_CELSIUS, colour: "orange" },
        { from: HOTTEST_CELSIUS, colour: "red" },
      ],
      width: 8,
    },
    {
      kind: "graph",
      title: "Power",
      description: "An L4 may take 72 W, and slows down to keep to it.",
      unit: "watts",
      queries: [{ expression: eachGpu(chosen(power)), legend: GPU }],
      thresholds: [{ from: L4_WATTS, colour: "orange" }],
      width: 12,
    },
    {
      kind: "graph",
      title: "XID errors",
      description:
        "Code of the last one; it stays until the exporter restarts. 48, 64, 74, 79, 94, 95, 119, 120: the card.",
      unit: "count",
      queries: [{ expression: eachGpu(chosen(xid)), legend: GPU }],
      alert: "GpuFault",
      width: 12,
    },
  ],
};

/** The GPUs, as NVIDIA's DCGM measures them. */
export const GPU_DASHBOARD: Dashboard = {
  uid: "terrace-gpu",
  title: "GPU",
  description: "Work, memory, heat, power and errors of every GPU, as NVIDIA DCGM sees them.",
  variables: GPU_VARIABLES,
  shows: "3h",
  rows: [NOW, WORK, CARD],
};
