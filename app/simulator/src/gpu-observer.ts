import type { EndReason, Sequence } from "./sequence";

/** Counts what a GPU does. */
export interface GpuObserver {
  started(sequence: Sequence): void;
  preempted(sequence: Sequence): void;
  /** One step computed so many tokens of prompts and made so many of answers. */
  stepped(prefillTokens: number, answerTokens: number): void;
  /** So many tokens of one answer came at once, so many seconds after the one before; the first, after arrival. */
  generated(sequence: Sequence, tokens: number, seconds: number): void;
  ended(sequence: Sequence, reason: EndReason): void;
}

/** Counts nothing. */
export const NO_OBSERVER: GpuObserver = { started() {}, preempted() {}, stepped() {}, generated() {}, ended() {} };
