import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface ProjectServicesProps {
  readonly services: readonly string[];
}

/**
 * `disable_on_destroy` defaults to true (provider 6.x): destroying an environment would switch Compute Engine off for
 * the project.
 * @example
 * const services = new ProjectServices(this, "services", { services: ["compute.googleapis.com"] });
 */
export class ProjectServices extends Construct {
  /** For `dependsOn` in the same stack. */
  readonly enabled: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ProjectServicesProps) {
    super(scope, id);
    this.enabled = props.services.map(
      (service) =>
        new ProjectService(this, service.replace(".googleapis.com", ""), {
          service,
          disableOnDestroy: false,
          disableDependentServices: false,
        }),
    );
  }
}
