import type { PointerKey } from "./adapter";

/** One move of a pointer, as the history keeps it. */
export interface Activation extends PointerKey {
  /** Ascending in the order in which the moves happened. */
  readonly id: number;
  readonly at: Date;
  /** Name of the caller whose token it was. */
  readonly who: string;
  readonly action: "activate" | "rollback" | "retire";
  /** Adapter that answered before; null: the base model. */
  readonly from: string | null;
  /** Adapter that answers since; null: the base model. */
  readonly to: string | null;
}

/**
 * Where a rollback of a pointer leads. Every move but a rollback goes on a stack and a rollback takes the last one off,
 * so that a second rollback goes further back, not forward again to what was rolled back.
 * @param history of one pointer, oldest first
 * @returns the adapter's name, null for the base model, undefined where there is nothing to go back to
 */
export function rollbackTarget(history: readonly Pick<Activation, "action" | "to">[]): string | null | undefined {
  const stack: (string | null)[] = [null];
  for (const { action, to } of history) {
    if (action === "rollback") stack.pop();
    else stack.push(to);
  }
  return stack.at(-2);
}
