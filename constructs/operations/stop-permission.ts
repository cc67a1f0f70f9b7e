import { ComputeInstanceIamMember } from "@cdktf/provider-google/lib/compute-instance-iam-member";
import { Construct } from "constructs";

export interface StopPermissionProps {
  readonly project: string;
  readonly account: string;
  /** Permits nothing but that. */
  readonly customRole: string;
  readonly machines: readonly { readonly name: string; readonly zone: string }[];
}

/**
 * A binding on each named machine, and on no other.
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
