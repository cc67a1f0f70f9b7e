import { DataKubernetesResources } from "@cdktf/provider-kubernetes/lib/data-kubernetes-resources";
import type { Precondition } from "cdktf";
import { Construct } from "constructs";

/** Helm writes one of these before it works, and another status after it: with either it refuses to begin anew. */
const UNFINISHED = ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"] as const;

export interface UnfinishedReleaseProps {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Finds the record of a release that a helm which was ended left unfinished. Helm and its provider (3.1.1) offer no way
 * past it: `upgrade_install`, `replace` and `atomic` all end in "another operation is in progress" or "cannot re-use a
 * name". So the plan fails with the one command that helps (docs/runbooks/release-stuck.md). Without the record the last
 * finished version counts, and the next apply adopts what was made of the unfinished one.
 * @example
 * const { precondition } = new UnfinishedRelease(this, "unfinished", { name: "qdrant", namespace: "platform" });
 */
export class UnfinishedRelease extends Construct {
  /** Of the release. */
  readonly precondition: Precondition;

  constructor(scope: Construct, id: string, { name, namespace }: UnfinishedReleaseProps) {
    super(scope, id);
    const records = new DataKubernetesResources(this, "records", {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace,
      labelSelector: `owner=helm,name=${name},status in (${UNFINISHED.join(",")})`,
    });
    const found = `data.${DataKubernetesResources.tfResourceType}.${records.friendlyUniqueId}.objects`;
    // Terraform evaluates the message of a condition that holds, too.
    const of = (attribute: string) => `\${try(${found}[0].metadata.${attribute}, "")}`;
    const command =
      `\${try(${found}[0].metadata.labels.status, "") == "uninstalling" ? ` +
      `"HELM_DRIVER=configmap helm --namespace ${of("namespace")} uninstall ${name}" : ` +
      `"kubectl --namespace ${of("namespace")} delete configmap ${of("name")}"}`;
    this.precondition = {
      condition: `\${length(${found}) == 0}`,
      errorMessage:
        `The release ${name} is ${of("labels.status")}. Either another apply works on it: wait for its end. ` +
        `Or one was cut off: run \`${command}\` and apply again (docs/runbooks/release-stuck.md).`,
    };
  }
}
