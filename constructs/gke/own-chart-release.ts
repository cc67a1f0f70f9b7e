import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { dump } from "js-yaml";
import { terraformLiteral } from "../compute/boot/cloud-config";
import { UnfinishedRelease } from "./unfinished-release";

/** Relative to the folder that `npm` runs in, for sources and compiled files alike. */
const CHARTS = "charts";

const HISTORY = 10;

export interface OwnChartReleaseProps {
  /** In `charts/`. */
  readonly chart: string;
  readonly name: string;
  /** Must exist. */
  readonly namespace: string;
  /** Texts, not references. They are in the state and in the release, so they hold no secret. */
  readonly values: object;
  /** For its pods to be ready, and again for each hook. */
  readonly timeoutSeconds: number;
}

/**
 * A release of a chart of this repository. `atomic` rolls back what is not ready in time: of each Deployment as many pods
 * as there are, less `maxUnavailable`. The chart is copied beside
 * the stack under a name with its hash: the helm provider would take an unchanged version for an unchanged chart.
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
    const { precondition } = new UnfinishedRelease(this, "unfinished", props);
    this.resource = new Release(this, "release", {
      name: props.name,
      namespace: props.namespace,
      createNamespace: false,
      chart: `./${chart.path}`,
      // Helm reads YAML 1.1, in which an unquoted `on` is true. Dashboards contain `${…}`.
      values: [terraformLiteral(dump(props.values, { lineWidth: -1, noRefs: true }))],
      atomic: true,
      cleanupOnFail: true,
      maxHistory: HISTORY,
      timeout: props.timeoutSeconds,
      lifecycle: { precondition: [precondition] },
    });
  }
}
