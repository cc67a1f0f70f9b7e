import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { dump } from "js-yaml";
import { terraformLiteral } from "../compute/boot/cloud-config";

/** Charts of this repository. From here and from the compiled copy of this file alike: the folder that `npm` runs in. */
const CHARTS = "charts";

/** Releases of which Helm keeps the history. */
const HISTORY = 10;

export interface OwnChartReleaseProps {
  /** Folder in `charts/`. */
  readonly chart: string;
  /** Name of the release. */
  readonly name: string;
  /** Namespace, which must exist. */
  readonly namespace: string;
  /** Values, all of them or over the chart's own; texts, not references to other resources. No secret is ever here: they are in the state and in the release. */
  readonly values: object;
  /** Seconds in which every pod must be ready. */
  readonly timeoutSeconds: number;
}

/**
 * A release of a chart of this repository.
 *
 * - One YAML text of values, so that a plan shows what changes and `helm template -f` renders the same.
 * - `atomic`: what is not ready in time is rolled back, and the old version goes on serving.
 * - The chart is copied beside the synthesized stack under a name that holds its hash. Helm's provider would otherwise
 *   take an unchanged version for an unchanged chart, and not apply a changed template.
 *
 * @example
 * new OwnChartRelease(this, "observability", {
 *   chart: "observability", name: "observability", namespace: "platform", values, timeoutSeconds: 300,
 * });
 */
export class OwnChartRelease extends Construct {
  readonly resource: Release;

  constructor(scope: Construct, id: string, props: OwnChartReleaseProps) {
    super(scope, id);
    const chart = new TerraformAsset(this, "chart", { path: join(CHARTS, props.chart), type: AssetType.DIRECTORY });
    this.resource = new Release(this, "release", {
      name: props.name,
      namespace: props.namespace,
      createNamespace: false,
      chart: `./${chart.path}`,
      // Helm reads YAML 1.1, in which an unquoted `on` is true. Dashboards are full of `${…}`, which is theirs.
      values: [terraformLiteral(dump(props.values, { lineWidth: -1, noRefs: true }))],
      atomic: true,
      cleanupOnFail: true,
      maxHistory: HISTORY,
      timeout: props.timeoutSeconds,
    });
  }
}
