import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface PodAccountProps {
  /** At most 30 characters. */
  readonly accountId: string;
  readonly displayName: string;
  /** `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/KSA]`: the only pods that may act as the account. */
  readonly podMember: string;
  /** The cluster: the pool of such members exists from a project's first cluster on. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A Google service account that the pods of one Kubernetes service account act as, by Workload Identity.
 *
 * An account of Google's stands between because its e-mail address can be written before anything exists. Grants to the
 * Kubernetes account itself (`principal://…`) name the project by its number, which only Google knows.
 *
 * The Kubernetes side needs the annotation `iam.gke.io/gcp-service-account: <e-mail address>`; without it pods are nobody.
 *
 * @example
 * new PodAccount(this, "engine", {
 *   accountId: names.accountId("gke-engine"), displayName: "Engine pods",
 *   podMember: names.podMember("llm-serving", "engine"), dependsOn: [cluster.resource],
 * });
 */
export class PodAccount extends Construct {
  /** `serviceAccount:<e-mail address>`. */
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
