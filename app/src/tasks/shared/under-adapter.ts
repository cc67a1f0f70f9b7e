import type { Task } from "../../contract";
import type { AdapterChoice } from "../../engines/adapters/selection";
import type { AdapterServing } from "../../engines/adapters/serving";

/** An answer of which the adapter is known. */
interface Answered {
  /** The adapter that answered; null: the model itself. */
  readonly adapter: string | null;
}

/**
 * Runs a generation under the chosen adapter, or the base model where that cannot be had.
 * @returns the answer with whether an adapter was due and did not answer
 */
export async function underAdapter<Answer extends Answered>(
  adapters: AdapterServing,
  task: Task,
  choice: AdapterChoice,
  generate: (adapter: string | undefined) => Promise<Answer>,
): Promise<Answer & { readonly adapterFallback: boolean }> {
  const { value } = await adapters.run(task, choice, generate);
  // A fallback model answers without the adapter too, which was trained over another.
  const missed = choice.name !== null && value.adapter !== choice.name;
  return { ...value, adapterFallback: choice.fallbackReason !== undefined || missed };
}
