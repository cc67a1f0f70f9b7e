import { PORTS } from "../../app/src/contract/endpoints";
import type { ImageReference } from "../../planning/images";
import { PRIORITY_CLASSES } from "../../planning/kubernetes-names";

/** https://cloud.google.com/kubernetes-engine/docs/how-to/gpus */
const DRIVER_FOLDER = "/home/kubernetes/bin/nvidia";

/**
 * NVIDIA's chart, for clusters without GKE's own exporter: two on one node would fight for the GPU's profiling
 * counters.
 * Its priority `system-node-critical` is refused outside kube-system, and its driver is mounted from where GKE installs
 * it, because no NVIDIA container runtime injects it.
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
    // Only a privileged container reaches a GPU without holding one; the chart's `allowPrivilegeEscalation: false`
    // contradicts it.
    securityContext: { privileged: true, allowPrivilegeEscalation: true, runAsNonRoot: false, runAsUser: 0 },
    extraHostVolumes: [{ name: "nvidia-driver", hostPath: DRIVER_FOLDER }],
    extraVolumeMounts: [
      { name: "nvidia-driver", mountPath: "/usr/local/nvidia", readOnly: true },
      {
        name: "exporter-metrics-volume",
        mountPath: "/etc/dcgm-exporter/default-counters.csv",
        subPath: "default-counters.csv",
      },
    ],
    extraEnv: [
      { name: "LD_LIBRARY_PATH", value: "/usr/local/nvidia/lib64" },
      // By which the exporter finds the pod that holds a GPU: GKE's device plugin names GPUs `nvidia0`, and the default
      // looks for their UUIDs. https://github.com/NVIDIA/dcgm-exporter/issues/27
      { name: "DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE", value: "device-name" },
    ],
    serviceMonitor: {
      enabled: true,
      // Its own labels name the pod that holds the GPU.
      honorLabels: true,
      // Where no pod holds it, it names none; Prometheus would add the exporter's.
      relabelings: [{ action: "labeldrop", regex: "pod|container|namespace" }],
    },
  };
}
