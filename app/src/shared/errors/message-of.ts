import { isNativeError } from "node:util/types";

/** What an error says, for whoever runs the gateway; of a list of errors, as Node gives for every address of a name, the first. */
export function messageOf(thrown: unknown): string {
  if (!isNativeError(thrown)) return String(thrown);
  if (thrown.message === "" && thrown instanceof AggregateError) return messageOf(thrown.errors[0]);
  return thrown.message;
}
