import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { dump } from "js-yaml";
import type { ReleaseValues } from "./release-values";

/** From here and from the compiled copy of this file alike: the folder that `npm` runs in. */
const CHART = join("charts", "llm-serving");

export interface LlmServingReleaseProps {
  /** Namespace, which must exist. */
  readonly namespace: string;
  readonly values: ReleaseValues;
  /** Seconds in which every pod must be ready: the rollout's, from the cold-start budget. */
  readonly timeoutSeconds: number;
}

/** Name of the release: `helm test llm`. */
const RELEASE_NAME = "llm";

/** Releases of which Helm keeps the history, each a Secret in the namespace. */
const HISTORY = 10;

/**
 * The release of `charts/llm-serving`: gateways, engines, and their way out.
 *
 * - One YAML text of values, so that a plan shows what changes and `helm template -f` renders the same.
 * - `atomic`: what is not ready in time is rolled back, and the old version goes on serving. The gateways are ready only
 *   once every model has answered them, so this waits for the engines too.
 * - The chart is copied beside the synthesized stack under a name that holds its hash. Helm's provider would otherwise
 *   take an unchanged version for an unchanged chart, and not apply a changed template.
 *
 * @example
 * new LlmServingRelease(this, "llm", { namespace: "llm-serving", values: releaseValues(props), timeoutSeconds: 3600 });
 */
export class LlmServingRelease extends Construct {
  readonly resource: Release;

  constructor(scope: Construct, id: string, props: LlmServingReleaseProps) {
    super(scope, id);
    const chart = new TerraformAsset(this, "chart", { path: CHART, type: AssetType.DIRECTORY });
    this.resource = new Release(this, "release", {
      name: RELEASE_NAME,
      namespace: props.namespace,
      createNamespace: false,
      chart: `./${chart.path}`,
      // Helm reads YAML 1.1, in which an unquoted `on` is true.
      values: [dump(props.values, { lineWidth: -1, noRefs: true })],
      atomic: true,
      cleanupOnFail: true,
      maxHistory: HISTORY,
      timeout: props.timeoutSeconds,
    });
  }
}
