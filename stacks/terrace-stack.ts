import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { GcsBackend, LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Environment } from "../environment/environment";
import type { Names } from "../planning/names";
import type { Settings } from "../settings/schema/settings";

/** Stack kinds in the order in which they are applied. */
export const STACKS = [
  "bootstrap",
  "foundation",
  "data",
  "vm-serving",
  "gke-cluster",
  "gke-platform",
  "gke-serving",
  "operations",
  "edge",
] as const;
export type StackKind = (typeof STACKS)[number];

/**
 * One Terraform state of one environment, `<environment>-<kind>`: provider, backend and labels, the same for each.
 *
 * The state of `bootstrap` is always local, because that stack makes the bucket which holds the others'.
 */
export abstract class TerraceStack extends TerraformStack {
  protected readonly environment: Environment;
  protected readonly settings: Settings;
  protected readonly names: Names;
  /** The labels of every resource, for those that the provider's default labels do not reach (disks, snapshots, alerts). */
  protected readonly labels: Readonly<Record<string, string>>;

  protected constructor(scope: Construct, kind: StackKind, environment: Environment) {
    const { settings, names } = environment;
    super(scope, `${settings.environment}-${kind}`);
    this.environment = environment;
    this.settings = settings;
    this.names = names;
    this.labels = {
      ...settings.labels,
      environment: settings.environment,
      stack: kind,
      "managed-by": "terrace",
    };
    const provider = new GoogleProvider(this, "google", { project: settings.project, region: settings.region });
    // On every resource that takes labels, also those that a later change adds. As an override, because cdktf would
    // write the keys of this map in snake case: `managed-by` as `managed_by`, a user's `cost-center` as `cost_center`.
    provider.addOverride("default_labels", { ...this.labels });
    if (settings.stateBackend === "gcs" && kind !== "bootstrap") {
      new GcsBackend(this, { bucket: names.stateBucket, prefix: kind });
    } else {
      new LocalBackend(this, { path: `terraform.${settings.environment}-${kind}.tfstate` });
    }
  }

  /**
   * Nothing to prepare: cdktf resolves every element a second time here, to find references to other stacks and to add a
   * backend. Each stack has its backend, and stacks meet by name alone, which test/graph/references.test.ts holds.
   */
  override prepareStack(): void {}
}
