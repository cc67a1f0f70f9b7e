import { DataResource } from "cdktf";
import { Construct } from "constructs";
import type { MetricsAdapter } from "../../planning/metrics-api";
import { applyAfter } from "../apply-after";

/**
 * Holds who owns the metrics APIs, so that one apply changes the owner. Their registrations have fixed names, and
 * Terraform orders no destruction before the creation of a resource that it does not replace. This one is replaced, so
 * all that depended on it is destroyed before, and all that depends on it is created after.
 * @example
 * new MetricsApisOwner(this, "metrics-apis", { adapter: "google" }).holds(
 *   new GoogleMetricsAdapter(this, "adapter", { project: "acme", workloadPool: "acme.svc.id.goog", namespace: "platform" }),
 * );
 */
export class MetricsApisOwner extends Construct {
  constructor(scope: Construct, id: string, { adapter }: { readonly adapter: MetricsAdapter }) {
    super(scope, id);
    new DataResource(this, "owner", { triggersReplace: { adapter } });
  }

  /** Orders an adapter's resources, all of them, after those of the adapter before. */
  holds(adapter: Construct): void {
    applyAfter(adapter, [this]);
  }
}
