import type { Settings } from "./settings";

/** Where a reader of an alert finds the pages of docs/runbooks, without a slash at its end. */
export function runbooksUrl({ ci }: Pick<Settings, "ci">): string {
  return `https://github.com/${ci.repository}/blob/${ci.branch}/docs/runbooks`;
}
