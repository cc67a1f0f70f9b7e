import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface ProjectServicesProps {
  /** API host names, e.g. `compute.googleapis.com`. */
  readonly services: readonly string[];
}

/**
 * Google Cloud APIs, enabled and left enabled.
 *
 * `disable_on_destroy` is true where it is not said (provider 6.x): destroying one environment would then switch Compute
 * Engine off for everything else in the project.
 *
 * @example
 * const services = new ProjectServices(this, "services", { services: ["compute.googleapis.com"] });
 */
export class ProjectServices extends Construct {
  /** For `dependsOn` of what calls the APIs in the same stack. */
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
