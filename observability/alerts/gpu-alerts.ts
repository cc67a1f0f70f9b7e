import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { GPU_METRICS } from "../metrics/gpu-metrics";
import { avgOverTime, changes, max, offset, sum } from "../promql/functions";
import { above, and, below, operate, or, unless } from "../promql/operators";
import { BY_TARGET, select } from "../promql/select";
import { type Alert, WHERE } from "../rules/alert";

const { utilization, xid } = GPU_METRICS;
const { pendingRequests } = GATEWAY_METRICS;

/** Source: R-101. */
const SATURATED_PERCENT = 95;
const IDLE_PERCENT = 5;

/**
 * XID codes after which the card, not the program, is at fault: the machine must be replaced. Double-bit ECC 48, row
 * remapping failed 64, NVLink 74, fallen off the bus 79, contained and uncontained ECC 94 and 95, GSP 119 and 120.
 * https://docs.nvidia.com/deploy/xid-errors/
 */
const HARDWARE_XIDS = [48, 64, 74, 79, 94, 95, 119, 120] as const;

/** Which card, whatever pod has it now. */
const GPU = ["gpu", "instance", "node"];
const BY_GPU = ["gpu", ...BY_TARGET];
const gpu = (name: string) =>
  `${name}{job="dcgm", instance="llm-vm-1", gpu="0", UUID="GPU-1", modelName="NVIDIA L4", Hostname="llm-vm-1"}`;
const PENDING = `${pendingRequests.name}{job="gateway", instance="llm-vm-1"}`;
const labels = { gpu: "0", instance: "llm-vm-1" };
const lastXid = max(select(xid), BY_GPU);
/** Codes that stood there an hour ago, and have not changed since. */
const oldXid = and(
  above(max(offset(select(xid), "1h"), GPU), 0),
  operate(max(changes(select(xid), "1h"), GPU), "==", 0),
);
const [first, ...others] = HARDWARE_XIDS;

export const GPU_ALERTS: readonly Alert[] = [
  {
    name: "GpuFault",
    severity: "critical",
    subject: "gpu",
    condition: others.reduce((so, code) => or(so, operate(lastXid, "==", code)), operate(lastXid, "==", first)),
    summary: `${WHERE}: GPU {{ $labels.gpu }} is at fault`,
    description:
      "The driver reported an XID error of the hardware. The engine on it is lost or will be. Replace the machine.",
    examples: {
      firing: [
        {
          when: "it fell off the bus",
          at: "3m",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "0 0 79 79" },
          fires: [labels],
        },
      ],
      quiet: [
        {
          when: "a program made an illegal access",
          at: "3m",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "0 0 31 31" },
        },
      ],
    },
  },
  {
    name: "GpuXidError",
    severity: "warning",
    subject: "gpu",
    // The exporter keeps the last code for ever, and has no series before the first: only what was not there is news.
    condition: unless(above(lastXid, 0), oldXid, GPU),
    summary: `${WHERE}: the driver reported an XID error on GPU {{ $labels.gpu }}`,
    description: "Most are a program's fault and end with its restart. The code says which.",
    examples: {
      firing: [
        {
          when: "a program made an illegal access",
          at: "3m",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "0 0 31 31" },
          fires: [labels],
        },
        {
          when: "it was the first, and its series is new",
          at: "2h",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "_x100 31x30" },
          fires: [labels],
        },
        {
          when: "another one follows",
          at: "3h",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "31x150 43x60" },
          fires: [labels],
        },
      ],
      quiet: [
        { when: "there was none", at: "3m", series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "0x5" } },
        {
          when: "the last one was an hour ago",
          from: "65m",
          at: "2h",
          series: { [gpu("DCGM_FI_DEV_XID_ERRORS")]: "0 31x130" },
        },
      ],
    },
  },
  {
    name: "GpuSaturated",
    severity: "warning",
    subject: "gpu",
    // A GPU that always computes while no request waits is no problem.
    condition: and(
      above(max(avgOverTime(select(utilization), "5m"), BY_GPU), SATURATED_PERCENT),
      above(sum(avgOverTime(select(pendingRequests), "5m")), 1),
      [],
    ),
    for: "15m",
    summary: `${WHERE}: GPU {{ $labels.gpu }} has no time left, and requests wait`,
    description: "Some kernel always runs, and there is more to do than it can. Another engine is due.",
    examples: {
      firing: [
        {
          when: "at 99 % for half an hour, and one or two wait",
          at: "30m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "99x35", [PENDING]: "1.5x35" },
          fires: [labels],
        },
      ],
      quiet: [
        {
          when: "at 99 % for ten minutes",
          at: "30m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "40x10 99x10 40x20", [PENDING]: "6x35" },
        },
        {
          when: "at 90 %",
          at: "30m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "90x35", [PENDING]: "6x35" },
        },
        {
          when: "at 99 %, and hardly anybody waits",
          at: "30m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "99x35", [PENDING]: "0.7x35" },
        },
      ],
    },
  },
  {
    name: "GpuIdle",
    severity: "warning",
    subject: "gpu",
    condition: below(max(avgOverTime(select(utilization), "5m"), BY_GPU), IDLE_PERCENT),
    for: "60m",
    summary: `${WHERE}: GPU {{ $labels.gpu }} has had nothing to do for an hour`,
    description: "An L4 costs the same idle. Fewer machines, a lower minimum, or the idle watchdog would save it.",
    examples: {
      firing: [
        {
          when: "at 4 % for ninety minutes",
          at: "90m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "4x95" },
          fires: [labels],
        },
      ],
      quiet: [
        { when: "at 7 %", at: "90m", series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "7x95" } },
        {
          when: "busy for ten minutes of each hour",
          at: "90m",
          series: { [gpu("DCGM_FI_DEV_GPU_UTIL")]: "0x45 60x10 0x45" },
        },
      ],
    },
  },
];
