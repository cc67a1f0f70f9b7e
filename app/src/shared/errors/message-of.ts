import { isNativeError } from "node:util/types";

/** An error's message, for the log; of an `AggregateError`, which Node throws for a name with several addresses, the first. */
export function messageOf(thrown: unknown): string {
  if (!isNativeError(thrown)) return String(thrown);
  if (thrown.message === "" && thrown instanceof AggregateError) return messageOf(thrown.errors[0]);
  return thrown.message;
}

/** An error's message with those of its causes, for a command that ends with it. */
export function wholeMessageOf(thrown: unknown): string {
  const cause = isNativeError(thrown) ? thrown.cause : undefined;
  return cause === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${wholeMessageOf(cause)}`;
}
