import { DataGoogleProject } from "@cdktf/provider-google/lib/data-google-project";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { Construct } from "constructs";
import type { ProjectRole } from "../../planning/project-roles";

export interface MetricsWriterProps {
  readonly project: string;
  /** `<project>.svc.id.goog`. */
  readonly workloadPool: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * Pods write as a principal of the workload pool, without a Google account.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#kubernetes-sa-to-iam
 * @example
 * new MetricsWriter(this, "collector", {
 *   project: "acme", workloadPool: "acme.svc.id.goog", namespace: "platform", serviceAccount: "collector",
 * });
 */
export class MetricsWriter extends Construct {
  constructor(scope: Construct, id: string, { project, workloadPool, namespace, serviceAccount }: MetricsWriterProps) {
    super(scope, id);
    const { number } = new DataGoogleProject(this, "project", { projectId: project });
    new ProjectIamMember(this, "writer", {
      project,
      role: "roles/monitoring.metricWriter" satisfies ProjectRole,
      member: `principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${workloadPool}/subject/ns/${namespace}/sa/${serviceAccount}`,
    });
  }
}
