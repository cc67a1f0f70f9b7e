import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface PodAccountProps {
  /** At most 30 characters. */
  readonly accountId: string;
  readonly displayName: string;
  /** `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/KSA]`. */
  readonly podMember: string;
  /** The cluster: the pool exists from a project's first cluster on. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A Google account, because its address is known before anything exists; grants to the Kubernetes account itself need
 * the project's number. Pods need the annotation `iam.gke.io/gcp-service-account: <e-mail address>`.
 * @example
 * new PodAccount(this, "engine", {
 *   accountId: names.accountId("gke-engine"), displayName: "Engine pods",
 *   podMember: names.podMember("llm-serving", "engine"), dependsOn: [cluster.resource],
 * });
 */
export class PodAccount extends Construct {
  readonly member: string;

  constructor(scope: Construct, id: string, props: PodAccountProps) {
    super(scope, id);
    const account = new ServiceAccount(this, "account", {
      accountId: props.accountId,
      displayName: props.displayName,
    });
    this.member = account.member;
    new ServiceAccountIamMember(this, "pods", {
      serviceAccountId: account.name,
      role: "roles/iam.workloadIdentityUser",
      member: props.podMember,
      dependsOn: props.dependsOn,
    });
  }
}
