import { Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { SpanStatusCode, trace } from "@opentelemetry/api";
import type { TaskThatIs } from "../../../contract/tasks";
import type { StageError, StageName } from "./stage-errors";

/** Notified of every stage that ended. */
export interface StageObserver {
  stageEnded(task: TaskThatIs<"chained">, stage: StageName, seconds: number, failed: boolean): void;
}

export interface StageOptions<Input, Output> {
  readonly task: TaskThatIs<"chained">;
  readonly stage: StageName;
  readonly run: (input: Input) => Output | Promise<Output>;
  readonly failure: new (thrown: unknown) => StageError;
  readonly observer: StageObserver;
}

const tracer = trace.getTracer("terrace-gateway");

/**
 * One stage of a chain as a LangChain Runnable: what it does runs in a span of its own, is timed, and fails with its own
 * class of error. `invoke` bypasses LangChain's callback managers, which would send prompts to LangSmith wherever its
 * variables happen to be set, and cost more than the stage.
 */
export class Stage<Input, Output> extends Runnable<Input, Output> {
  override lc_namespace = ["terrace", "chain"];
  readonly #options: StageOptions<Input, Output>;

  constructor(options: StageOptions<Input, Output>) {
    super();
    this.#options = options;
    this.name = options.stage;
  }

  override invoke(input: Input, config: Partial<RunnableConfig> = {}): Promise<Output> {
    const { task, stage, run, failure, observer } = this.#options;
    const attributes = { "terrace.task": task, "terrace.stage": stage };
    return tracer.startActiveSpan(`${task} ${stage}`, { attributes }, async (span) => {
      const startedAt = performance.now();
      let failed = true;
      try {
        config.signal?.throwIfAborted();
        const output = await run(input);
        failed = false;
        return output;
      } catch (thrown) {
        const error = new failure(thrown);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
        throw error;
      } finally {
        observer.stageEnded(task, stage, (performance.now() - startedAt) / 1000, failed);
        span.end();
      }
    });
  }
}
