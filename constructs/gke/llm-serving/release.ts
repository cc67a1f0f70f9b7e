import type { Construct } from "constructs";
import { OwnChartRelease } from "../own-chart-release";
import type { ReleaseValues } from "./release-values";

export interface LlmServingReleaseProps {
  readonly namespace: string;
  readonly values: ReleaseValues;
  readonly timeoutSeconds: number;
}

/**
 * Gateways are ready only once every model has answered them. That may be the version before, where engines alone
 * change; so the chart's last hook waits for an answer of the new version of every engine that serves, and `atomic` rolls
 * back where there is none (docs/adr/0010).
 * @example
 * new LlmServingRelease(this, "llm", { namespace: "llm-serving", values: releaseValues(releaseProps), timeoutSeconds: 3600 });
 */
export class LlmServingRelease extends OwnChartRelease {
  constructor(scope: Construct, id: string, props: LlmServingReleaseProps) {
    super(scope, id, { ...props, chart: "llm-serving", name: "llm" });
  }
}
