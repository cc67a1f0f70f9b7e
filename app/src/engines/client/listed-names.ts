import type { Endpoint } from "./endpoint";
import { EngineError } from "./engine-errors";

/** Names that are given, and characters of each: an engine's list is no text of ours. */
const MOST_NAMES = 5;
const LONGEST_NAME = 100;

/**
 * What the engines list in place of a name that they refused.
 * @param refusal what a request under the name came to
 * @returns `undefined` where the name is not the reason: the engines do not answer, refused for another reason, or list it
 */
export async function namesInPlaceOf(
  name: string,
  { refusal, endpoints, signal }: { refusal: unknown; endpoints: readonly Endpoint[]; signal: AbortSignal },
): Promise<readonly string[] | undefined> {
  const isRefused =
    refusal instanceof EngineError && refusal.code === "ENGINE_BAD_REPLY" && refusal.verdict === "success";
  if (!isRefused) return undefined;
  const lists = await Promise.all(endpoints.map((endpoint) => endpoint.list(signal).catch(() => [])));
  const names = lists.flatMap((models) => models.flatMap(({ id, parent }) => (parent ? [] : [id])));
  if (names.length === 0 || names.includes(name)) return undefined;
  return [...new Set(names)].slice(0, MOST_NAMES).map((listed) => listed.slice(0, LONGEST_NAME));
}
