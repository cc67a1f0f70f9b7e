import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { encodeMean, readCalibration } from "../../src/retrieval/calibration";
import { balancedAccuracy, bestSplit, fitCalibration } from "../../src/retrieval/calibration-fit";
import committed from "../../src/retrieval/calibrations/hashed-ngrams-v1.json";
import statements from "../../src/retrieval/calibrations/statements.json";
import type { Embedder } from "../../src/retrieval/embedder";
import { EmbeddingSpace, UncalibratedEmbedderError } from "../../src/retrieval/embedding-space";
import { HASHED_NGRAMS } from "../../src/retrieval/hashed-embedder";
import { labelledTexts, labelOf, statementsSchema } from "../../src/retrieval/labelled-pairs";
import { CALIBRATIONS, loadCalibrations } from "../../src/retrieval/load-calibrations";
import { hashedNgrams } from "../../src/shared/hashed-ngrams";
import { dot, normalize } from "../../src/shared/vector";

const TEXTS = labelledTexts(statementsSchema.parse(statements));

/**
 * A model whose vectors all point one way, as e5's do: unrelated texts have a cosine of about 0.9, above every threshold
 * of ko-sbert.
 */
const SQUEEZED: Embedder = {
  id: "squeezed",
  dim: HASHED_NGRAMS.dim,
  embed: async (texts) =>
    texts.map((text) => {
      const vector = hashedNgrams(text);
      return normalize(vector.map((value, index) => value * 0.33 + (index === 0 ? 1 : 0)));
    }),
};

async function fitted(embedder: Embedder) {
  const vectors = await embedder.embed(
    TEXTS.map(({ text }) => text),
    "passage",
  );
  return { vectors, ...fitCalibration(TEXTS, vectors) };
}

describe("fitCalibration", () => {
  it("gives the committed calibration of hashed n-grams", async () => {
    const { mean, thresholds, figures } = await fitted(HASHED_NGRAMS);
    expect({ thresholds, figures }).toEqual({ thresholds: committed.thresholds, figures: committed.figures });
    expect(encodeMean(mean)).toBe(committed.mean);
  });

  it("separates texts of one meaning from others, on held-out topics", () => {
    expect(committed.figures.balancedAccuracyHeldOut.mergeWithOverlap).toBeGreaterThan(0.9);
    // Spelling alone is weak evidence, but better than chance.
    expect(committed.figures.balancedAccuracyHeldOut.evidence).toBeGreaterThan(0.6);
    expect(committed.figures.mergeRecall).toBeGreaterThan(0.9);
  });

  it("makes a squeezed model usable, whose raw cosines would merge everything", async () => {
    const { vectors, thresholds, figures } = await fitted(SQUEEZED);
    const unrelated = TEXTS.flatMap((left, index) =>
      TEXTS.slice(index + 1).flatMap((right, offset) => {
        const other = vectors[index + 1 + offset];
        const vector = vectors[index];
        return labelOf(left, right) === "different" && vector && other ? [dot(vector, other)] : [];
      }),
    );
    // R-83's merge threshold is 0.82.
    expect(unrelated.filter((cosine) => cosine >= 0.82).length / unrelated.length).toBeGreaterThan(0.99);
    expect(figures.balancedAccuracyHeldOut.mergeWithOverlap).toBeGreaterThan(0.9);
    expect(thresholds.merge).toBeLessThan(0.82);
    expect(figures.meanCosine.same).toBeGreaterThan(figures.meanCosine.different + 0.3);
  });

  it("splits where no other value does better", () => {
    const scores = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(scores, scores, (upper, lower) => {
        const best = balancedAccuracy(upper, lower, bestSplit(upper, lower));
        for (const value of [...upper, ...lower]) {
          expect(best).toBeGreaterThanOrEqual(balancedAccuracy(upper, lower, value) - 1e-9);
        }
      }),
    );
  });
});

describe("Calibration", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "terrace-calibrations-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const file = (changes: object = {}) => ({
    embedder: "e5",
    source: "a test",
    dim: 3,
    mean: encodeMean(Float32Array.of(0.5, -0.25, 0.125)),
    thresholds: { evidence: 0.1, merge: 0.4, mergeWithOverlap: 0.3, nearDuplicate: 0.3, consistency: 0.1 },
    figures: null,
    ...changes,
  });

  it("keeps its mean bit by bit, with a version for each mean", () => {
    const calibration = readCalibration(file());
    expect(calibration.mean).toEqual(Float32Array.of(0.5, -0.25, 0.125));
    const other = readCalibration(file({ mean: encodeMean(Float32Array.of(0.5, -0.25, 0.126)) }));
    expect(other.version).not.toBe(calibration.version);
    expect(readCalibration(file({ mean: null })).version).toBe("as-is");
  });

  it("has the required thresholds for ko-sbert", () => {
    expect(CALIBRATIONS.get("jhgan/ko-sbert-multitask")).toMatchObject({
      mean: undefined,
      thresholds: { evidence: 0.3, merge: 0.88, mergeWithOverlap: 0.82, consistency: 0.25 },
    });
  });

  it("is taken from the folder before the release's, and an invalid file is refused with its path", async () => {
    expect((await loadCalibrations(join(folder, "none"))).size).toBe(CALIBRATIONS.size);
    await writeFile(join(folder, "e5.json"), JSON.stringify(file()));
    await writeFile(join(folder, "notes.txt"), "not looked at");
    expect((await loadCalibrations(folder)).get("e5")?.thresholds.merge).toBe(0.4);
    await writeFile(join(folder, "wrong.json"), JSON.stringify(file({ dim: 4 })));
    await expect(loadCalibrations(folder)).rejects.toThrow(/wrong\.json is no calibration: the mean of e5 has 3/);
  });

  it("is required where cosines are compared, with an error that names the command to make one", () => {
    const space = new EmbeddingSpace(SQUEEZED, undefined);
    expect(() => space.thresholds).toThrow(UncalibratedEmbedderError);
    expect(() => space.thresholds).toThrow(/squeezed has no calibration.*npm run calibrate/s);
  });

  it("is refused for another embedder or another dimension", () => {
    expect(() => new EmbeddingSpace(SQUEEZED, readCalibration(file()))).toThrow(RangeError);
    expect(() => new EmbeddingSpace(SQUEEZED, readCalibration(file({ embedder: "squeezed" })))).toThrow(/3 components/);
  });

  it("is subtracted before vectors are compared", async () => {
    const { mean, thresholds } = await fitted(SQUEEZED);
    const calibration = { embedder: "squeezed", dim: SQUEEZED.dim, mean, thresholds, version: "test" };
    const raw = new EmbeddingSpace(SQUEEZED, undefined);
    const centred = new EmbeddingSpace(SQUEEZED, calibration);
    expect(centred.id).not.toBe(raw.id);
    const texts = ["Redis 락을 잡았다.", "인테리어가 예뻐요."];
    const cosineIn = async (space: EmbeddingSpace) => {
      const [left, right] = await space.embed(texts, "passage");
      return left && right ? dot(left, right) : Number.NaN;
    };
    expect(await cosineIn(raw)).toBeGreaterThan(0.85);
    expect(Math.abs(await cosineIn(centred))).toBeLessThan(0.3);
  });
});
