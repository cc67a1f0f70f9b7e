import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { dump } from "js-yaml";
import type { ChartName, ChartSource } from "../../planning/charts";

export interface ChartReleaseProps {
  readonly chart: ChartName;
  readonly source: ChartSource;
  /** Name of the release. */
  readonly name: string;
  /** Namespace, which must exist. */
  readonly namespace: string;
  /** Values over the chart's own. No secret is ever here: they are in the state and in the release. */
  readonly values: object;
  /** Seconds in which all pods must be ready. */
  readonly timeoutSeconds: number;
}

/** Releases of which Helm keeps the history, each a Secret in the namespace. */
const HISTORY = 5;

/**
 * One release of somebody else's chart.
 *
 * - `atomic`: what does not become ready in time is rolled back, so a failed upgrade leaves the old version serving.
 * - Helm installs custom resource definitions and never upgrades them (docs/guides/platform.md says how).
 * - A chart from a folder is copied beside the synthesized stack: its path is the same on every machine.
 *
 * @example
 * new ChartRelease(this, "qdrant", {
 *   chart: "qdrant", source: chartSource("qdrant"), name: "qdrant", namespace: "platform", values: {}, timeoutSeconds: 600,
 * });
 */
export class ChartRelease extends Construct {
  readonly resource: Release;

  constructor(scope: Construct, id: string, props: ChartReleaseProps) {
    super(scope, id);
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
    });
  }

  private location({ chart, source }: ChartReleaseProps) {
    if (source.kind === "repository") return { chart, repository: source.repository, version: source.version };
    const file = new TerraformAsset(this, "chart", { path: source.path, type: AssetType.FILE });
    // No version: Helm would compare it with a file's, and a file has one only.
    return { chart: `./${file.path}` };
  }
}
