import { DaemonSetV1 } from "@cdktf/provider-kubernetes/lib/daemon-set-v1";
import { Construct } from "constructs";

const NAME = "nvidia-driver-installer";
const LABELS = { "k8s-app": NAME };

/** https://github.com/GoogleCloudPlatform/container-engine-accelerators/blob/master/nvidia-driver-installer/cos/daemonset-preloaded.yaml */
const MOUNTS = [
  { name: "dev", host: "/dev", container: "/dev" },
  { name: "root-mount", host: "/", container: "/root" },
  { name: "nvidia-install-dir-host", host: "/home/kubernetes/bin/nvidia", container: "/usr/local/nvidia" },
  { name: "vulkan-icd-mount", host: "/home/kubernetes/bin/nvidia/vulkan/icd.d", container: "/etc/vulkan/icd.d" },
  { name: "cos-tools", host: "/var/lib/cos-tools", container: "/build/cos-tools" },
] as const;

const ENVIRONMENT: Readonly<Record<string, string>> = {
  NVIDIA_INSTALL_DIR_HOST: "/home/kubernetes/bin/nvidia",
  NVIDIA_INSTALL_DIR_CONTAINER: "/usr/local/nvidia",
  VULKAN_ICD_DIR_HOST: "/home/kubernetes/bin/nvidia/vulkan/icd.d",
  VULKAN_ICD_DIR_CONTAINER: "/etc/vulkan/icd.d",
  ROOT_MOUNT_DIR: "/root",
  COS_TOOLS_DIR_HOST: "/var/lib/cos-tools",
  COS_TOOLS_DIR_CONTAINER: "/build/cos-tools",
};

/** A driver cannot be replaced while a process holds the GPU. */
const INSTALL = `if lsmod | grep -q '^nvidia '; then
  echo "GPU driver is loaded already, leaving it as it is"
  exit 0
fi
exec /cos-gpu-installer install
`;

/**
 * The driver installer of R-14, for pools made with `INSTALLATION_DISABLED`; it avoids nodes with GKE's label
 * `cloud.google.com/gke-gpu-driver-version`. It runs in kube-system, where alone `system-node-critical` is allowed, and
 * privileged, because it loads a kernel module. Google's manifest also partitions A100s, which is left out.
 * @example
 * new DriverInstaller(this, "driver");
 */
export class DriverInstaller extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DaemonSetV1(this, "daemon-set", {
      metadata: { name: NAME, namespace: "kube-system", labels: LABELS },
      // There may be no GPU node.
      waitForRollout: false,
      spec: {
        selector: { matchLabels: LABELS },
        strategy: { type: "RollingUpdate" },
        template: {
          metadata: { labels: LABELS },
          spec: {
            priorityClassName: "system-node-critical",
            automountServiceAccountToken: false,
            hostNetwork: true,
            hostPid: true,
            toleration: [{ operator: "Exists" }],
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerm: [
                    {
                      matchExpressions: [
                        { key: "cloud.google.com/gke-accelerator", operator: "Exists" },
                        { key: "cloud.google.com/gke-gpu-driver-version", operator: "DoesNotExist" },
                      ],
                    },
                  ],
                },
              },
            },
            volume: MOUNTS.map(({ name, host }) => ({ name, hostPath: { path: host } })),
            initContainer: [
              {
                name: NAME,
                image: "cos-nvidia-installer:fixed",
                imagePullPolicy: "Never",
                command: ["bash", "-c", INSTALL],
                env: Object.entries(ENVIRONMENT).map(([name, value]) => ({ name, value })),
                resources: { requests: { cpu: "150m" } },
                securityContext: { privileged: true },
                volumeMount: MOUNTS.map(({ name, container }) => ({ name, mountPath: container })),
              },
            ],
            // Of the same manifest; gke.gcr.io is reached without the internet.
            container: [
              {
                name: "pause",
                image: "gke.gcr.io/pause:3.8@sha256:880e63f94b145e46f1b1082bb71b85e21f16b99b180b9996407d61240ceb9830",
              },
            ],
          },
        },
      },
    });
  }
}
