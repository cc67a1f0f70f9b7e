import { availableParallelism } from "node:os";

/** Providers are single processes of some 100 MB that use one core each. */
const MOST_AT_ONCE = 4;

/** Does the work for each item, as many at once as there are cores; the results are in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const pending = items.entries();
  const worker = async () => {
    for (const [index, item] of pending) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, availableParallelism()) }, worker));
  return results;
}
