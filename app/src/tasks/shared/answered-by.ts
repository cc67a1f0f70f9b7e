import type { Answerer } from "../../engines/client/protocol";
import type { Generated } from "./generate";

/** Who answered a request, also where no model did. */
export interface AnsweredBy extends Omit<Answerer, "model"> {
  /** null: a simple answer without a model. */
  readonly model: string | null;
  /** Whether an adapter was due and the model itself answered in its place. */
  readonly adapterFallback: boolean;
}

export const NO_MODEL: AnsweredBy = {
  model: null,
  simulated: false,
  fallback: false,
  adapter: null,
  adapterFallback: false,
};

export function answeredBy<T extends Answerer>(answer: Generated<T>) {
  const { model, simulated, fallback, adapter, adapterFallback } = answer;
  return { model, simulated, fallback, adapter, adapterFallback };
}

/** The fields of a response that name who answered, see `answerFields`. */
export function answeredByFields({ model, simulated, fallback, adapter, adapterFallback }: AnsweredBy) {
  return { model, simulated, fallback, adapter, adapter_fallback: adapterFallback, degraded: model === null };
}
