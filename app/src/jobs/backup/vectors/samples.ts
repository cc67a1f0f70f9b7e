import type { Hit, VectorCollection } from "../../../retrieval/vector-store";
import { BackupError } from "../backup-error";
import type { Sample } from "../manifest";

/** Points whose neighbours are noted. */
const SAMPLES = 20;
/** Neighbours of each. */
const NEIGHBOURS = 10;
/** Points that are looked at to choose from. */
const SPREAD = 2_000;
/** Difference of two cosines of the same vectors, after a store has normalized 32-bit floats once more. */
const SAME_SCORE = 1e-3;
/**
 * Share of neighbours that must be found again: in a large collection an approximate index (HNSW) misses some, and
 * another one others.
 */
const LEAST_SHARE = 0.95;

/** Some points with their nearest neighbours, to compare with a copy's. */
export async function takeSamples(collection: VectorCollection): Promise<Sample[]> {
  const { points } = await collection.scroll({ limit: SPREAD });
  // Ids are as good as random, so every nth is a fair choice.
  const step = Math.max(1, Math.floor(points.length / SAMPLES));
  const chosen = points.filter((_, index) => index % step === 0).slice(0, SAMPLES);
  return Promise.all(
    chosen.map(async ({ id, vector }) => {
      const hits = await collection.search({ vector, k: NEIGHBOURS });
      return { id, neighbours: hits.map((hit) => ({ id: hit.id, score: hit.score })) };
    }),
  );
}

/**
 * Repeats in a restored collection the searches of before the copy. Points that were added while it was copied may push
 * others further back, so twice as many neighbours are looked at.
 * @throws BackupError where it answers otherwise
 */
export async function compareSamples(
  name: string,
  collection: VectorCollection,
  samples: readonly Sample[],
): Promise<void> {
  let expected = 0;
  let found = 0;
  for (const sample of samples) {
    const [point] = await collection.get([sample.id]);
    if (point === undefined) throw new BackupError(`${name}: the point ${sample.id} is missing`);
    const hits = await collection.search({ vector: point.vector, k: 2 * NEIGHBOURS });
    expected += sample.neighbours.length;
    found += sample.neighbours.filter((neighbour) => isAmong(neighbour, hits)).length;
  }
  if (found < expected * LEAST_SHARE) {
    throw new BackupError(
      `${name}: of ${expected} neighbours of ${samples.length} sampled points only ${found} are found again`,
    );
  }
}

function isAmong({ id, score }: Sample["neighbours"][number], hits: readonly Hit[]): boolean {
  return hits.some((hit) => hit.id === id && Math.abs(hit.score - score) <= SAME_SCORE);
}
