import { ENV } from "../../../contract/variables";
import { storedName } from "../../../retrieval/collection-checks";
import type { CollectionSpec, VectorCollection, VectorStore } from "../../../retrieval/vector-store";
import { BackupError } from "../backup-error";
import { addLines, pointsAsLines } from "./point-lines";
import type { ArchiveWork, CopiedCollection } from "./vector-archive";

/** Copies a collection point by point, which any store can read. Points that are added meanwhile may be left out. */
export async function copyPoints(store: VectorStore, { spec, parts, report }: ArchiveWork): Promise<CopiedCollection> {
  const collection = await store.collection(spec);
  const lines = report.counted(pointsAsLines(collection), `${spec.name}: points copied`);
  const part = await parts.writeLines(`vectors.${storedName(spec)}.ndjson.gz`, lines);
  return { format: "points", part, points: { least: part.lines, most: part.lines } };
}

/** Adds the points of a part to a new collection. */
export async function addPoints(
  store: VectorStore,
  staged: CollectionSpec,
  { copied, parts, report, spec }: ArchiveWork & { readonly copied: CopiedCollection },
): Promise<VectorCollection> {
  if (copied.format !== "points") {
    throw new BackupError(
      `${spec.name} is a snapshot of Qdrant, which ${store.kind} cannot read: set ${ENV.qdrantUrl}`,
    );
  }
  const collection = await store.collection(staged);
  await parts.readLines(copied.part, (lines) =>
    addLines(collection, report.counted(lines, `${spec.name}: points restored`)),
  );
  return collection;
}
