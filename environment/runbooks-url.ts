import type { Environment } from "./environment";

/** Where a reader of an alert finds the pages of docs/runbooks, without a slash at its end. */
export function runbooksUrl({ settings: { ci } }: Environment): string {
  return `https://github.com/${ci.repository}/blob/${ci.branch}/docs/runbooks`;
}
