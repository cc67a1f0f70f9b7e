import { isNativeError } from "node:util/types";

/** An error's message, for the log; of an `AggregateError`, which Node throws for a name with several addresses, the first. */
export function messageOf(thrown: unknown): string {
  if (!isNativeError(thrown)) return String(thrown);
  if (thrown.message === "" && thrown instanceof AggregateError) return messageOf(thrown.errors[0]);
  return thrown.message;
}
