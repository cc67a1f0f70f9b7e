import type { Construct } from "constructs";
import { OwnChartRelease } from "../own-chart-release";
import type { ReleaseValues } from "./release-values";

export interface LlmServingReleaseProps {
  /** Namespace, which must exist. */
  readonly namespace: string;
  readonly values: ReleaseValues;
  /** Seconds in which every pod must be ready: the rollout's, from the cold-start budget. */
  readonly timeoutSeconds: number;
}

/**
 * The release of `charts/llm-serving`, called `llm`: gateways, engines, and their way out. The gateways are ready only once
 * every model has answered them, so it waits for the engines too.
 *
 * @example
 * new LlmServingRelease(this, "llm", { namespace: "llm-serving", values: releaseValues(releaseProps), timeoutSeconds: 3600 });
 */
export class LlmServingRelease extends OwnChartRelease {
  constructor(scope: Construct, id: string, props: LlmServingReleaseProps) {
    super(scope, id, { ...props, chart: "llm-serving", name: "llm" });
  }
}
