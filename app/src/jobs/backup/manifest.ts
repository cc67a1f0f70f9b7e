import { z } from "zod";
import { isPointId } from "../../retrieval/point-id";
import { BackupError } from "./backup-error";
import type { BackupKind } from "./backup-records";
import { linesPartSchema, partSchema } from "./parts";

/** Name of the manifest beside its parts. It is written last: what has none is no backup. */
export const MANIFEST = "manifest.json";
/** Version of the manifest's shape. */
const FORMAT = 1;

const databaseSchema = z.object({
  /** Steps of the schema that had run, in their order. */
  steps: z.array(z.string()).min(1),
  /** In an order in which they can be filled: after those that they refer to. */
  tables: z.array(z.object({ name: z.string(), part: linesPartSchema })),
});

/** As stores take it: MD5s of natural keys are no UUIDs of RFC 9562. */
const pointIdSchema = z.string().refine(isPointId);

const sampleSchema = z.object({
  id: pointIdSchema,
  /** Nearest first, the point itself among them. */
  neighbours: z.array(z.object({ id: pointIdSchema, score: z.number() })),
});

const fieldsSchema = z.record(z.string(), z.enum(["keyword", "keywords", "integer", "float", "boolean", "datetime"]));

const collectionSchema = z.intersection(
  z.object({
    name: z.string(),
    fields: fieldsSchema,
    /** Points while it was copied: more may have come meanwhile. */
    points: z.object({ least: z.int().nonnegative(), most: z.int().nonnegative() }),
    /** What must be found again. */
    samples: z.array(sampleSchema),
  }),
  z.discriminatedUnion("format", [
    /** A line for each point: any store can read it. */
    z.object({ format: z.literal("points"), part: linesPartSchema }),
    /** Qdrant's own, of one node. */
    z.object({ format: z.literal("qdrant-snapshot"), part: partSchema }),
  ]),
);

const vectorsSchema = z.object({
  store: z.enum(["qdrant", "lancedb"]),
  embedder: z.object({ id: z.string(), space: z.string(), dim: z.int().positive() }),
  collections: z.array(collectionSchema),
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  id: z.string(),
  created_at: z.iso.datetime(),
  app_version: z.string(),
  /** @default the database is not in this backup */
  database: databaseSchema.optional(),
  /** @default vectors are not in this backup */
  vectors: vectorsSchema.optional(),
});

export type Manifest = z.output<typeof manifestSchema>;
export type DatabaseManifest = z.output<typeof databaseSchema>;
export type VectorsManifest = z.output<typeof vectorsSchema>;
export type CollectionManifest = z.output<typeof collectionSchema>;
export type Sample = z.output<typeof sampleSchema>;

export function newManifest(content: Omit<Manifest, "format">): Manifest {
  return { format: FORMAT, ...content };
}

/** @throws BackupError where the text is no manifest that this release can read */
export function parseManifest(id: string, text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BackupError(`the manifest of ${id} is damaged: it is no JSON`);
  }
  const format = z.object({ format: z.number() }).safeParse(json).data?.format;
  if (format !== undefined && format > FORMAT) {
    throw new BackupError(`the manifest of ${id} has format ${format}; this release reads up to ${FORMAT}`);
  }
  const { data, error } = manifestSchema.safeParse(json);
  if (data === undefined) {
    const issue = error.issues[0];
    throw new BackupError(`the manifest of ${id} is damaged: ${issue?.path.join(".")} ${issue?.message}`);
  }
  if (data.id !== id) throw new BackupError(`the manifest of ${id} is that of ${data.id}`);
  return data;
}

export function kindsOf({ database, vectors }: Manifest): readonly BackupKind[] {
  return [
    ...(database === undefined ? [] : ["database" as const]),
    ...(vectors === undefined ? [] : ["vectors" as const]),
  ];
}

/** Every part of a backup. */
export function partsOf({ database, vectors }: Pick<Manifest, "database" | "vectors">) {
  return [...(database?.tables ?? []), ...(vectors?.collections ?? [])].map(({ part }) => part);
}

/** Bytes of all parts. */
export function bytesOf(manifest: Manifest): number {
  return partsOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
}
