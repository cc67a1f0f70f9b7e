import { L4_RESOURCE } from "../../planning/scaling";

const ZONES = ["asia-northeast3-a", "asia-northeast3-b"] as const;

/** What GKE leaves to pods. https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes */
const CPU_NODE = { cpu: "3920m", memory: "13591Mi", "ephemeral-storage": "40Gi", pods: "110" };
const L4_NODE = { cpu: "7910m", memory: "28979Mi", "ephemeral-storage": "150Gi", pods: "110", "nvidia.com/gpu": "1" };

function node(name: string, zone: string, labels: object, taints: readonly object[], allocatable: object): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, ...labels },
      annotations: { "kwok.x-k8s.io/node": "fake" },
    },
    spec: { taints },
    status: { allocatable, capacity: allocatable },
  };
}

/** As many e2-standard-4, alternately in two zones. */
export function cpuNodes(count: number): readonly object[] {
  return numbered(count, "cpu", (name, zone) => node(name, zone, {}, [], CPU_NODE));
}

/** As many g2-standard-8, alternately in two zones. */
export function gpuNodes(count: number): readonly object[] {
  const labels = { "cloud.google.com/gke-accelerator": L4_RESOURCE };
  const taints = [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }];
  return numbered(count, "gpu", (name, zone) => node(name, zone, labels, taints, L4_NODE));
}

function numbered(count: number, prefix: string, make: (name: string, zone: string) => object): readonly object[] {
  return Array.from({ length: count }, (_, index) => make(`${prefix}-${index}`, ZONES[index % 2 === 0 ? 0 : 1]));
}
