import { createHash } from "node:crypto";
import { z } from "zod";

const cosine = z.number().min(-1).max(1);

const thresholdsSchema = z.object({
  /** Least cosine at which a text speaks for a claim or a query. */
  evidence: cosine,
  /** Cosine from which two texts mean the same, without further evidence. */
  merge: cosine,
  /** The same for two that already share evidence. */
  mergeWithOverlap: cosine,
  /** Cosine from which one of two questions, or of two passages in a prompt, is superfluous. */
  nearDuplicate: cosine,
  /** Least mean pairwise cosine of texts that are about one thing. */
  consistency: cosine,
});

/** Cosines of calibrated vectors; those of two embedders cannot be compared. */
export type Thresholds = z.output<typeof thresholdsSchema>;

const figuresSchema = z.object({
  texts: z.int(),
  pairs: z.object({ same: z.int(), related: z.int(), different: z.int() }),
  meanCosine: z.object({ same: cosine, related: cosine, different: cosine }),
  /** On topics that the thresholds were not fitted to; 0.5 is chance. */
  balancedAccuracyHeldOut: z.object({ evidence: z.number(), mergeWithOverlap: z.number() }),
  /** Share of the pairs of one meaning that `merge` finds. */
  mergeRecall: z.number(),
});

/** How well thresholds separate pairs. */
export type Figures = z.output<typeof figuresSchema>;

/** A calibration as a file holds it. */
export const calibrationFileSchema = z.object({
  embedder: z.string().min(1),
  /** Where mean and thresholds come from. */
  source: z.string().min(1),
  dim: z.int().positive(),
  /** Corpus mean, as base64 of 32-bit floats, lowest byte first; null: vectors are compared as they are. */
  mean: z.base64().nullable(),
  thresholds: thresholdsSchema,
  /** null: not measured here. */
  figures: figuresSchema.nullable(),
});

export type CalibrationFile = z.output<typeof calibrationFileSchema>;

/** What makes an embedder's cosines mean something: vectors are compared as `normalize(vector − mean)`. */
export interface Calibration {
  readonly embedder: string;
  readonly dim: number;
  /** @default vectors are compared as they are */
  readonly mean: Float32Array | undefined;
  readonly thresholds: Thresholds;
  /** Tells one mean of an embedder from another: vectors calibrated by two cannot be compared. */
  readonly version: string;
}

/** @throws ZodError for what is no calibration, RangeError for a mean of another dimension */
export function readCalibration(file: unknown): Calibration {
  const { embedder, dim, mean, thresholds } = calibrationFileSchema.parse(file);
  if (mean === null) return { embedder, dim, mean: undefined, thresholds, version: "as-is" };
  const bytes = Buffer.from(mean, "base64");
  if (bytes.length !== dim * FLOAT_BYTES) {
    throw new RangeError(`the mean of ${embedder} has ${bytes.length / FLOAT_BYTES} components, not ${dim}`);
  }
  const vector = Float32Array.from({ length: dim }, (_value, index) => bytes.readFloatLE(index * FLOAT_BYTES));
  const version = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return { embedder, dim, mean: vector, thresholds, version };
}

const FLOAT_BYTES = 4;

/** A mean as a calibration file holds it. */
export function encodeMean(mean: Float32Array): string {
  const bytes = Buffer.alloc(mean.length * FLOAT_BYTES);
  for (const [index, value] of mean.entries()) bytes.writeFloatLE(value, index * FLOAT_BYTES);
  return bytes.toString("base64");
}
