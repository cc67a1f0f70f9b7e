import type { ModelPool } from "../../engines/client/model-pool";

/** What the engines' side shows. */
export interface EnginesView {
  /** Requests waiting in the schedulers. */
  queued(): number;
  /** OpenAI-compatible base URLs of all engines, ending in `/v1`. */
  baseUrls(): readonly string[];
}

export function enginesView(models: ModelPool): EnginesView {
  return {
    queued: () => models.models.reduce((sum, { waiting }) => sum + waiting, 0),
    baseUrls: () => models.models.flatMap(({ endpoints }) => endpoints.map(({ baseUrl }) => baseUrl)),
  };
}
