import { ComputeInstanceIamMember } from "@cdktf/provider-google/lib/compute-instance-iam-member";
import { Construct } from "constructs";

export interface StopPermissionProps {
  readonly project: string;
  /** E-mail address of the account that may stop the machines. */
  readonly account: string;
  /** Id of a custom role with nothing in it but that. */
  readonly customRole: string;
  readonly machines: readonly { readonly name: string; readonly zone: string }[];
}

/**
 * Lets an account stop the named machines, and no other of the project: a binding on each machine.
 *
 * @example
 * new StopPermission(this, "stop", { project: "acme", account, customRole: names.customRole("watchdog"), machines: [{ name: "llm-vm-1", zone }] });
 */
export class StopPermission extends Construct {
  constructor(scope: Construct, id: string, props: StopPermissionProps) {
    super(scope, id);
    for (const { name, zone } of props.machines) {
      new ComputeInstanceIamMember(this, name, {
        instanceName: name,
        zone,
        role: `projects/${props.project}/roles/${props.customRole}`,
        member: `serviceAccount:${props.account}`,
      });
    }
  }
}
