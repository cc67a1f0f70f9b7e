import type { Task } from "../../contract/tasks";
import { AppError } from "../../shared/errors/app-error";
import { type AdapterChoice, type AdapterQuestion, BASE_MODEL, type FallbackReason } from "./selection";

/** What came of a generation, and who made it. */
export interface AdapterAnswer<T> {
  readonly value: T;
  /** The adapter that answered; null: the base model. */
  readonly adapter: string | null;
  readonly version: number | null;
  /** Why the base model answered though an adapter was due. */
  readonly fallbackReason?: FallbackReason;
}

/** What routes need of adapters. */
export interface AdapterServing {
  /** Which adapter is to answer. Does no I/O, so that it may run before a cache lookup. */
  resolve(question: AdapterQuestion): AdapterChoice;
  /**
   * Runs a generation under the chosen adapter; under the base model where the adapter cannot be had or its answer
   * cannot be used. Never fails for the adapter's sake.
   * @param generate starts the generation under an adapter's name, or the base model for undefined. Called a second
   * time after a failure, so it must not have sent anything to the client by then.
   * @throws what `generate` throws for another reason than the adapter
   */
  run<T>(
    task: Task,
    choice: AdapterChoice,
    generate: (adapter: string | undefined) => Promise<T>,
  ): Promise<AdapterAnswer<T>>;
}

/** Where there is no registry: the base model answers everything. */
export const BASE_MODEL_ONLY: AdapterServing = {
  resolve: () => BASE_MODEL,
  run: async (_task, _choice, generate) => ({ value: await generate(undefined), adapter: null, version: null }),
};

/** Why the base model should answer after a failure under an adapter; undefined where it would fail as well. */
export function adapterFailure(thrown: unknown): FallbackReason | undefined {
  if (!(thrown instanceof AppError)) return undefined;
  if (thrown.code === "UNKNOWN_ADAPTER") return "not_loaded";
  // Broken weights show as errors of the engine, or as text that misses the shape even after a repair.
  if (thrown.code === "ENGINE_BAD_REPLY") return "failed";
  return undefined;
}
