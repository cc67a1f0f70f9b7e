import { normalize, subtract } from "../shared/vector";
import type { Calibration, Thresholds } from "./calibration";
import type { Embedder, EmbeddingKind } from "./embedder";

/** A calibrated value was needed of an embedder without a calibration. */
export class UncalibratedEmbedderError extends Error {
  override readonly name = "UncalibratedEmbedderError";

  constructor(embedder: string) {
    super(
      `The embedder ${embedder} has no calibration, so nobody knows which of its cosines mean that two texts say the same. ` +
        "Make one from labelled texts with npm run calibrate -- --embed-url URL --model NAME, and put it into DATA_DIR/calibrations.",
    );
  }
}

/** An embedder with what makes its cosines comparable. */
export class EmbeddingSpace {
  readonly #embedder: Embedder;
  readonly #calibration: Calibration | undefined;

  /** @throws RangeError for another embedder's calibration, or one of another dimension */
  constructor(embedder: Embedder, calibration: Calibration | undefined) {
    if (calibration !== undefined && (calibration.embedder !== embedder.id || calibration.dim !== embedder.dim)) {
      throw new RangeError(
        `the calibration of ${calibration.embedder} (${calibration.dim} components) is none of ${embedder.id} (${embedder.dim})`,
      );
    }
    this.#embedder = embedder;
    this.#calibration = calibration;
  }

  get embedder(): string {
    return this.#embedder.id;
  }

  get dim(): number {
    return this.#embedder.dim;
  }

  /** Vectors of two spaces cannot be compared: each has its own collection. */
  get id(): string {
    return `${this.#embedder.id} ${this.#calibration?.version ?? "as-is"}`;
  }

  get calibrated(): boolean {
    return this.#calibration !== undefined;
  }

  /** @throws UncalibratedEmbedderError */
  get thresholds(): Thresholds {
    if (this.#calibration === undefined) throw new UncalibratedEmbedderError(this.#embedder.id);
    return this.#calibration.thresholds;
  }

  /** One vector of length 1 for each text, the corpus mean taken away. @throws AppError as `Embedder.embed` */
  async embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<readonly Float32Array[]> {
    const vectors = await this.#embedder.embed(texts, kind, signal);
    const mean = this.#calibration?.mean;
    return mean === undefined ? vectors : vectors.map((vector) => normalize(subtract(vector, mean)));
  }
}
