import { DataResource, Fn, Op, propertyAccess, type TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface AppliedSettingsProps {
  /** By the name that a message gives them, such as `machine.type`. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether the next apply may change them: the record then follows. */
  readonly mayChange: boolean;
  /** What to do instead, in sentences. */
  readonly steps: string;
}

/**
 * Settings as they were applied last, in Terraform's own state, so that a plan can refuse to change them (ADR 0018).
 *
 * The record ignores its changes, so that its output is known while Terraform plans and compares with the new settings.
 * Where it may change, and where it is new, the output is known after the apply, and nothing is refused.
 * @example
 * const shape = new AppliedSettings(this, "applied", {
 *   values: { "machine.type": "g2-standard-24" }, mayChange: false, steps: "Change one group after the other.",
 * });
 * shape.guard(vm.instance);
 */
export class AppliedSettings extends Construct {
  private readonly record: DataResource;
  private readonly props: AppliedSettingsProps;

  constructor(scope: Construct, id: string, props: AppliedSettingsProps) {
    super(scope, id);
    this.props = props;
    this.record = new DataResource(this, "record", {
      input: { ...props.values },
      ...(props.mayChange ? {} : { lifecycle: { ignoreChanges: ["input"] } }),
    });
  }

  /** Refuses a plan of the resource while a setting is another than the applied one. */
  guard(resource: TerraformResource): void {
    const preconditions = Object.entries(this.props.values).map(([name, value]) => {
      // A record of an older release lacks what is recorded since.
      const applied = Fn.try([propertyAccess(this.record.getStringAttribute("output"), [name]), value]);
      return {
        condition: Op.eq(applied, value),
        errorMessage: `${name}: ${applied} is applied, and the settings have ${value}. ${this.props.steps}`,
      };
    });
    const { precondition = [], ...lifecycle } = resource.lifecycle ?? {};
    resource.lifecycle = { ...lifecycle, precondition: [...precondition, ...preconditions] };
  }
}
