import { ConfigError } from "../config/config";

/** Exit codes of the image's commands. Where one failed, what is in use is as it was. */
export const EXIT = { done: 0, failed: 1, misused: 2 } as const;

/** A command line that does not match the command's usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Says what was wrong with how a command was called or configured. @returns whether that was it */
export function saidMisuse(thrown: unknown, usage: string, print: (line: string) => void): boolean {
  if (thrown instanceof UsageError) {
    print(thrown.message);
    print(usage);
    return true;
  }
  if (!(thrown instanceof ConfigError)) return false;
  for (const problem of thrown.problems) print(problem);
  return true;
}
