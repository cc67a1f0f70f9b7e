import { NODE_METRICS } from "../metrics/node-metrics";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { absent, aggregate, max } from "../promql/functions";
import { below, divide, operate, unless } from "../promql/operators";
import { BY_TARGET, GATEWAY_JOB, NODE_JOBS, select } from "../promql/select";
import { type Alert, WHERE } from "../rules/alert";

const { up } = PLATFORM_METRICS;
const { filesystemAvailable, filesystemReadonly, filesystemSize, memoryAvailable, memoryTotal } = NODE_METRICS;

/** Share of a file system or of memory that must be free. */
const FREE_DISK = 0.1;
const FREE_MEMORY = 0.05;

/** What is a disk: overlays and memory are not. */
const DISKS = { fstype: { notRegex: "tmpfs|overlay|squashfs|iso9660|ramfs" } };

const BY_NODE = ["instance", "node"];
const BY_DISK = [...BY_NODE, "device"];

const disk = (name: string, fstype = "ext4") =>
  `${name}{job="node", instance="llm-vm-1", device="/dev/sda1", fstype="${fstype}", mountpoint="/mnt/stateful_partition"}`;

export const NODE_ALERTS: readonly Alert[] = [
  {
    name: "NodeDown",
    severity: "critical",
    subject: "node",
    condition: operate(max(select(up, { job: NODE_JOBS }), BY_NODE), "==", 0),
    for: "2m",
    summary: "{{ or $labels.node $labels.instance }} does not answer",
    description:
      "The machine is gone, stopped or cut off. The load balancer sends nothing there; the others carry its share.",
    examples: {
      firing: [
        {
          when: "it is gone",
          at: "5m",
          series: { 'up{job="node", instance="llm-vm-1"}': "1 0x10" },
          fires: [{ instance: "llm-vm-1" }],
        },
        {
          when: "a node of the cluster is gone",
          at: "5m",
          series: { 'up{job="node-exporter", instance="10.0.0.2:9100", node="gke-l4-1", pod="exporter-1"}': "1 0x10" },
          fires: [{ instance: "10.0.0.2:9100", node: "gke-l4-1" }],
        },
      ],
      quiet: [{ when: "one scrape failed", at: "5m", series: { 'up{job="node", instance="llm-vm-1"}': "1 0 1x10" } }],
    },
  },
  {
    name: "TargetDown",
    severity: "warning",
    subject: "platform",
    condition: operate(max(select(up, { job: { notRegex: NODE_JOBS.regex } }), ["job", ...BY_TARGET]), "==", 0),
    for: "2m",
    summary: `{{ $labels.job }} on ${WHERE} does not answer its scrape`,
    description: "The program is gone or hangs; what it measures is missing from every other alert.",
    examples: {
      firing: [
        {
          when: "the gateway hangs",
          at: "5m",
          series: { 'up{job="gateway", instance="llm-vm-1"}': "1 0x10" },
          fires: [{ job: "gateway", instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        { when: "one scrape failed", at: "5m", series: { 'up{job="gateway", instance="llm-vm-1"}': "1 0 1x10" } },
      ],
    },
  },
  {
    name: "GatewayAbsent",
    severity: "critical",
    subject: "service",
    condition: absent(select(up, { job: GATEWAY_JOB })),
    for: "5m",
    summary: "There is no gateway to watch",
    description:
      "No machine or pod is a target: none runs, or discovery finds none. A target that is merely down is another alert.",
    examples: {
      firing: [
        {
          when: "the last target is gone",
          at: "15m",
          series: { 'up{job="gateway", instance="llm-vm-1"}': "1x2 stale" },
          fires: [{}],
        },
      ],
      quiet: [
        {
          when: "discovery found none for three minutes",
          at: "15m",
          series: { 'up{job="gateway", instance="llm-vm-1"}': "1x3 stale _x2 1x10" },
        },
        { when: "the only target is down", at: "15m", series: { 'up{job="gateway", instance="llm-vm-1"}': "0x20" } },
        {
          when: "there is one in the cluster",
          at: "15m",
          series: { 'up{job="llm-serving/gateway", pod="gateway-1"}': "1x20" },
        },
      ],
    },
  },
  {
    name: "DiskFilling",
    severity: "warning",
    subject: "node",
    condition: unless(
      below(
        divide(max(select(filesystemAvailable, DISKS), BY_DISK), max(select(filesystemSize, DISKS), BY_DISK)),
        FREE_DISK,
      ),
      // A machine's image is full by design, and nothing writes to it.
      operate(aggregate("min", select(filesystemReadonly, DISKS), BY_DISK), "==", 1),
    ),
    for: "15m",
    summary: "{{ or $labels.node $labels.instance }}: less than 10 % of {{ $labels.device }} is free",
    description: "When it is full, models cannot be fetched and databases stop writing.",
    examples: {
      firing: [
        {
          when: "8 % are free",
          at: "20m",
          series: { [disk("node_filesystem_avail_bytes")]: "8e9x25", [disk("node_filesystem_size_bytes")]: "100e9x25" },
          fires: [{ instance: "llm-vm-1", device: "/dev/sda1" }],
        },
      ],
      quiet: [
        {
          when: "15 % are free, and 5 % for ten minutes",
          at: "30m",
          series: {
            [disk("node_filesystem_avail_bytes")]: "15e9x5 5e9x9 15e9x20",
            [disk("node_filesystem_size_bytes")]: "100e9x35",
          },
        },
        {
          when: "an overlay is full",
          at: "20m",
          series: {
            [disk("node_filesystem_avail_bytes", "overlay")]: "0x25",
            [disk("node_filesystem_size_bytes", "overlay")]: "100e9x25",
          },
        },
        {
          when: "the image that the machine boots from is full",
          at: "20m",
          series: {
            [disk("node_filesystem_avail_bytes", "ext2")]: "0x25",
            [disk("node_filesystem_size_bytes", "ext2")]: "2e9x25",
            [disk("node_filesystem_readonly", "ext2")]: "1x25",
          },
        },
      ],
    },
  },
  {
    name: "MemoryLow",
    severity: "warning",
    subject: "node",
    condition: below(divide(max(select(memoryAvailable), BY_NODE), max(select(memoryTotal), BY_NODE)), FREE_MEMORY),
    for: "10m",
    summary: "{{ or $labels.node $labels.instance }}: less than 5 % of the memory is free",
    description: "The kernel will kill the largest process: an engine.",
    examples: {
      firing: [
        {
          when: "1.3 GB of 32 are free",
          at: "15m",
          series: {
            'node_memory_MemAvailable_bytes{job="node", instance="llm-vm-1"}': "1.3e9x20",
            'node_memory_MemTotal_bytes{job="node", instance="llm-vm-1"}': "32e9x20",
          },
          fires: [{ instance: "llm-vm-1" }],
        },
      ],
      quiet: [
        {
          when: "2.4 GB of 32 are free, and 1 GB for six minutes",
          at: "15m",
          series: {
            'node_memory_MemAvailable_bytes{job="node", instance="llm-vm-1"}': "2.4e9x5 1e9x6 2.4e9x10",
            'node_memory_MemTotal_bytes{job="node", instance="llm-vm-1"}': "32e9x20",
          },
        },
      ],
    },
  },
];
