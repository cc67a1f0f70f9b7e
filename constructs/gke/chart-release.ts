import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { dump } from "js-yaml";
import type { ChartName, ChartSource } from "../../planning/charts";
import { UnfinishedRelease } from "./unfinished-release";

export interface ChartReleaseProps {
  readonly chart: ChartName;
  readonly source: ChartSource;
  readonly name: string;
  /** Must exist. */
  readonly namespace: string;
  /** Over the chart's own. They are in the state and in the release, so they hold no secret. */
  readonly values: object;
  /** For its pods to be ready, and again for each hook. */
  readonly timeoutSeconds: number;
}

const HISTORY = 5;

/**
 * A release of a third party's chart. `atomic` rolls back what is not ready in time. Helm never upgrades custom
 * resource definitions (docs/guides/platform.md). A chart from a folder is copied beside the stack, so that its path is
 * the same everywhere.
 * @example
 * new ChartRelease(this, "qdrant", {
 *   chart: "qdrant", source: chartSource("qdrant"), name: "qdrant", namespace: "platform", values: {}, timeoutSeconds: 600,
 * });
 */
export class ChartRelease extends Construct {
  readonly resource: Release;

  constructor(scope: Construct, id: string, props: ChartReleaseProps) {
    super(scope, id);
    const { precondition } = new UnfinishedRelease(this, "unfinished", props);
    this.resource = new Release(this, "release", {
      name: props.name,
      namespace: props.namespace,
      createNamespace: false,
      ...this.location(props),
      values: [dump(props.values, { lineWidth: -1, noRefs: true })],
      atomic: true,
      cleanupOnFail: true,
      maxHistory: HISTORY,
      timeout: props.timeoutSeconds,
      lifecycle: { precondition: [precondition] },
    });
  }

  private location({ chart, source }: ChartReleaseProps) {
    if (source.kind === "repository") return { chart, repository: source.repository, version: source.version };
    const file = new TerraformAsset(this, "chart", { path: source.path, type: AssetType.FILE });
    // No version: a file has only one.
    return { chart: `./${file.path}` };
  }
}
