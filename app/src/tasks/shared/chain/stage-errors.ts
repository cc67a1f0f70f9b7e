import { AppError, type ErrorCode } from "../../../shared/errors/app-error";

/** Stages of a chain, in their order. */
export const STAGES = ["retrieve", "prompt", "generate"] as const;

export type StageName = (typeof STAGES)[number];

/** A failure with the stage that it happened in. It is answered as what caused it is: `AppError`s keep their status. */
export class StageError extends AppError {
  readonly stage: StageName;

  constructor(stage: StageName, thrown: unknown, otherwise: ErrorCode = "INTERNAL_ERROR") {
    if (thrown instanceof AppError) {
      const { params, retryAfterSeconds } = thrown;
      super(thrown.code, { params, cause: thrown, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
    } else {
      super(otherwise, { cause: thrown });
    }
    this.stage = stage;
  }
}

/** The lookup failed. The chain continues without context, see `Chain.lookup`. */
export class RetrievalError extends StageError {
  constructor(thrown: unknown) {
    super("retrieve", thrown);
  }
}

/** No prompt could be made of the material, such as one that is too long. */
export class PromptError extends StageError {
  constructor(thrown: unknown) {
    super("prompt", thrown);
  }
}

/** The engine gave no answer that could be used. */
export class GenerationError extends StageError {
  constructor(thrown: unknown) {
    super("generate", thrown);
  }
}
