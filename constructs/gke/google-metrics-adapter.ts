import { DataGoogleProject } from "@cdktf/provider-google/lib/data-google-project";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ApiServiceV1 } from "@cdktf/provider-kubernetes/lib/api-service-v1";
import { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { Construct } from "constructs";
import { METRICS_ADAPTER_PORT } from "../../planning/metrics-api";
import type { ProjectRole } from "../../planning/project-roles";

/** https://github.com/GoogleCloudPlatform/k8s-stackdriver/blob/master/custom-metrics-stackdriver-adapter/deploy/production/adapter_new_resource_model.yaml */
const NAME = "custom-metrics-stackdriver-adapter";
/** gcr.io is reached without the internet. */
const IMAGE = "gcr.io/gke-release/custom-metrics-stackdriver-adapter:v0.16.9-gke.0";
/** The manifest's 443 needs root. */
const PORT = METRICS_ADAPTER_PORT;
const CERTIFICATES = "/certificates";
const LABELS = { "app.kubernetes.io/name": NAME };

/** The newer version of an API has the higher priority. */
const API_VERSIONS = [
  { group: "custom.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
  { group: "custom.metrics.k8s.io", version: "v1beta2", versionPriority: 200 },
  { group: "external.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
] as const;

const AUTOSCALER = { kind: "ServiceAccount", name: "horizontal-pod-autoscaler", namespace: "kube-system" };

export interface GoogleMetricsAdapterProps {
  readonly project: string;
  /** `<project>.svc.id.goog`. */
  readonly workloadPool: string;
  /** Must exist. */
  readonly namespace: string;
}

/**
 * The custom and external metrics APIs from Cloud Monitoring. It owns both: prometheus-adapter registers the same
 * names, and the last one applied answers alone (docs/adr/0011). Its pods read as a principal of the workload pool,
 * without a Google account.
 * @example
 * new GoogleMetricsAdapter(this, "adapter", { project: "acme", workloadPool: "acme.svc.id.goog", namespace: "platform" });
 */
export class GoogleMetricsAdapter extends Construct {
  constructor(scope: Construct, id: string, props: GoogleMetricsAdapterProps) {
    super(scope, id);
    const { namespace } = props;
    const account = new ServiceAccountV1(this, "account", { metadata: { name: NAME, namespace } });
    const subject = { kind: "ServiceAccount", name: account.metadata.name, namespace };
    this.addRights(subject);
    this.addReader(props);
    this.addDeployment(namespace, account.metadata.name);
    const service = new ServiceV1(this, "service", {
      metadata: { name: NAME, namespace },
      spec: { type: "ClusterIP", selector: LABELS, port: [{ port: 443, targetPort: String(PORT) }] },
    });
    for (const { group, version, versionPriority } of API_VERSIONS) {
      new ApiServiceV1(this, `${version}.${group}`, {
        metadata: { name: `${version}.${group}` },
        spec: {
          group,
          version,
          versionPriority,
          groupPriorityMinimum: 100,
          // It signs its own certificate at each start.
          insecureSkipTlsVerify: true,
          service: { name: service.metadata.name, namespace },
        },
      });
    }
  }

  private addRights(subject: { kind: string; name: string; namespace: string }): void {
    const apiGroup = "rbac.authorization.k8s.io";
    new ClusterRoleBindingV1(this, "auth-delegator", {
      metadata: { name: `${NAME}-auth-delegator` },
      roleRef: { apiGroup, kind: "ClusterRole", name: "system:auth-delegator" },
      subject: [subject],
    });
    new RoleBindingV1(this, "auth-reader", {
      metadata: { name: `${NAME}-auth-reader`, namespace: "kube-system" },
      roleRef: { apiGroup, kind: "Role", name: "extension-apiserver-authentication-reader" },
      subject: [subject],
    });
    const resources = new ClusterRoleV1(this, "resource-reader", {
      metadata: { name: `${NAME}-resource-reader` },
      rule: [{ apiGroups: [""], resources: ["pods", "nodes", "nodes/stats"], verbs: ["get", "list", "watch"] }],
    });
    new ClusterRoleBindingV1(this, "resource-reader-binding", {
      metadata: { name: `${NAME}-resource-reader` },
      roleRef: { apiGroup, kind: "ClusterRole", name: resources.metadata.name },
      subject: [subject],
    });
    const metrics = new ClusterRoleV1(this, "external-metrics-reader", {
      metadata: { name: `${NAME}-external-metrics-reader` },
      rule: [{ apiGroups: ["external.metrics.k8s.io"], resources: ["*"], verbs: ["get", "list", "watch"] }],
    });
    new ClusterRoleBindingV1(this, "external-metrics-reader-binding", {
      metadata: { name: `${NAME}-external-metrics-reader` },
      roleRef: { apiGroup, kind: "ClusterRole", name: metrics.metadata.name },
      subject: [AUTOSCALER],
    });
  }

  private addReader({ project, workloadPool, namespace }: GoogleMetricsAdapterProps): void {
    const { number } = new DataGoogleProject(this, "project", { projectId: project });
    new ProjectIamMember(this, "monitoring-viewer", {
      project,
      role: "roles/monitoring.viewer" satisfies ProjectRole,
      // https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#kubernetes-sa-to-iam
      member: `principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${workloadPool}/subject/ns/${namespace}/sa/${NAME}`,
    });
  }

  private addDeployment(namespace: string, serviceAccountName: string): void {
    new DeploymentV1(this, "deployment", {
      metadata: { name: NAME, namespace, labels: LABELS },
      spec: {
        // Autoscalers stop without it.
        replicas: "2",
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            serviceAccountName,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: "65532",
              runAsGroup: "65532",
              fsGroup: "65532",
              seccompProfile: { type: "RuntimeDefault" },
            },
            container: [
              {
                name: "adapter",
                image: IMAGE,
                command: ["/adapter"],
                args: [
                  "--use-new-resource-model=true",
                  "--fallback-for-container-metrics=true",
                  `--secure-port=${PORT}`,
                  `--cert-dir=${CERTIFICATES}`,
                ],
                port: [{ name: "https", containerPort: PORT }],
                resources: {
                  requests: { cpu: "250m", memory: "200Mi", "ephemeral-storage": "64Mi" },
                  limits: { memory: "200Mi", "ephemeral-storage": "256Mi" },
                },
                readinessProbe: {
                  httpGet: { path: "/healthz", port: String(PORT), scheme: "HTTPS" },
                  periodSeconds: 10,
                  timeoutSeconds: 5,
                },
                securityContext: {
                  // Left out, the provider writes false here, which Pod Security refuses.
                  runAsNonRoot: true,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMount: [{ name: "certificates", mountPath: CERTIFICATES }],
              },
            ],
            volume: [{ name: "certificates", emptyDir: { sizeLimit: "8Mi" } }],
          },
        },
      },
    });
  }
}
