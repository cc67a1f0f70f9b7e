import { PORTS } from "../../app/src/contract";
import type { ImageReference } from "../../planning/images";
import { PRIORITY_CLASSES } from "../../planning/kubernetes-names";

/** Where GKE puts the driver. https://cloud.google.com/kubernetes-engine/docs/how-to/gpus */
const DRIVER_FOLDER = "/home/kubernetes/bin/nvidia";

/**
 * Values of NVIDIA's chart on GKE, for clusters without GKE's own exporter. Two on one node would fight for the profiling
 * counters, of which a GPU has one set.
 *
 * - On GPU nodes only, whatever keeps other pods off them.
 * - The chart's priority `system-node-critical` is refused outside kube-system ("insufficient quota to match these scopes").
 * - The driver is mounted from where GKE installs it, because no NVIDIA container runtime is there to inject it.
 */
export function dcgmExporterValues(image: ImageReference): object {
  return {
    fullnameOverride: "dcgm-exporter",
    image: {
      repository: image.repository,
      tag: image.digest === undefined ? image.tag : `${image.tag ?? "latest"}@${image.digest}`,
    },
    priorityClassName: PRIORITY_CLASSES.exporter.name,
    nodeSelector: { "cloud.google.com/gke-accelerator": "nvidia-l4" },
    tolerations: [{ operator: "Exists" }],
    service: { port: PORTS.dcgmExporter, address: `:${PORTS.dcgmExporter}` },
    // Without a GPU of its own, only a privileged container reaches one. The chart's `allowPrivilegeEscalation: false` beside it
    // would be refused.
    securityContext: { privileged: true, allowPrivilegeEscalation: true, runAsNonRoot: false, runAsUser: 0 },
    extraHostVolumes: [{ name: "nvidia-driver", hostPath: DRIVER_FOLDER }],
    extraVolumeMounts: [
      { name: "nvidia-driver", mountPath: "/usr/local/nvidia", readOnly: true },
      // A list replaces the chart's, so its own mount is repeated.
      {
        name: "exporter-metrics-volume",
        mountPath: "/etc/dcgm-exporter/default-counters.csv",
        subPath: "default-counters.csv",
      },
    ],
    extraEnv: [{ name: "LD_LIBRARY_PATH", value: "/usr/local/nvidia/lib64" }],
    // Its labels name the pod that holds the GPU; the target's would name the exporter.
    serviceMonitor: { enabled: true, honorLabels: true },
  };
}
