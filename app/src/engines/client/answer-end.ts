import { EngineError, engineBadReply } from "./engine-errors";
import type { AnswerEnd, CompletionDelta } from "./protocol";

/**
 * Checks that a streamed answer ended as an answer does. vLLM closes a request that it gives up with `finish_reason`
 * `abort` or `error` and `[DONE]`, as if nothing had happened.
 */
export class AnswerEndCheck {
  #hasText = false;
  #end: AnswerEnd | undefined;

  /** The answer's next step, before anybody sees it. @throws EngineError 502 where it ends an unusable answer */
  step({ content, finishReason }: CompletionDelta): void {
    this.#hasText ||= content.trim() !== "";
    if (finishReason === null) return;
    if (finishReason !== "stop" && finishReason !== "length") {
      throw engineBadReply(new Error(`the answer ended with ${finishReason}`));
    }
    this.#end = finishReason;
    if (!this.#hasText) throw emptyAnswer();
  }

  /** After the last step. @throws EngineError 502 where no step ended the answer */
  complete(): AnswerEnd {
    if (this.#end !== undefined) return this.#end;
    throw engineBadReply(new Error("the answer ended without finish_reason"));
  }
}

/** An answer without any text: the engine did its part, so its circuit stays closed. */
export function emptyAnswer(): EngineError {
  return new EngineError("ENGINE_BAD_REPLY", { cause: new Error("the answer has no text"), verdict: "success" });
}
