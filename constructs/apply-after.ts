import { dependable, TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/**
 * Orders resources of which neither names the other. Not `later.node.addDependency(earlier)`: cdktf accepts that and
 * writes nothing.
 * @example
 * applyAfter(qdrant, [monitoring]); // it brings a ServiceMonitor, whose definition comes with the monitoring
 */
export function applyAfter(later: Construct, earlier: readonly Construct[]): void {
  const needed = earlier.flatMap(resourcesOf).map(dependable);
  for (const resource of resourcesOf(later)) resource.dependsOn = [...(resource.dependsOn ?? []), ...needed];
}

function resourcesOf(construct: Construct): TerraformResource[] {
  return construct.node.findAll().filter((child) => TerraformResource.isTerraformResource(child));
}
