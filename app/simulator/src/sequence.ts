import type { CachedPrompt, KvLease } from "./kv-cache";

export type EndReason = "stop" | "length" | "abort" | "error";

/** What the engine is to generate. */
export interface SequenceRequest {
  readonly prompt: CachedPrompt;
  /** Tokens of the answer; they are fixed beforehand, only their time is simulated. */
  readonly answerTokens: number;
  /** Most tokens that the caller allows. */
  readonly maxTokens: number;
  /** Why the answer ends when it is complete. */
  readonly endReason: "stop" | "length";
  /** Lower ones first, where the engine schedules by priority. */
  readonly priority: number;
  /** Name of the LoRA adapter. @default the base model answers */
  readonly adapter?: string | undefined;
}

/** Callbacks for a sequence's progress. None follows `ended`. */
export interface SequenceListener {
  /** Tokens `from` to `to` (exclusive) of the answer are there. */
  tokens(from: number, to: number): void;
  ended(reason: EndReason): void;
}

/** When a sequence did what, in the clock's milliseconds. */
export interface SequenceTimes {
  readonly arrived: number;
  /** First scheduled. */
  started: number | undefined;
  firstToken: number | undefined;
  lastToken: number | undefined;
  ended: number;
}

/** A sequence in the engine. Only the engine changes it. */
export interface Sequence {
  readonly request: SequenceRequest;
  readonly listener: SequenceListener;
  /** Arrival among all sequences. */
  readonly order: number;
  readonly times: SequenceTimes;
  /** Undefined while it waits. */
  lease: KvLease | undefined;
  /** Tokens of prompt and answer whose keys and values are computed. */
  computed: number;
  generated: number;
  /** Prompt tokens that the prefix cache had when it was first scheduled. */
  cachedTokens: number;
  /** Waits for another adapter to leave the batch, not for room. */
  deferred: boolean;
  hasEnded: boolean;
}

export function newSequence(
  request: SequenceRequest,
  listener: SequenceListener,
  order: number,
  now: number,
): Sequence {
  return {
    request,
    listener,
    order,
    times: { arrived: now, started: undefined, firstToken: undefined, lastToken: undefined, ended: now },
    lease: undefined,
    computed: 0,
    generated: 0,
    cachedTokens: 0,
    deferred: false,
    hasEnded: false,
  };
}

/** Tokens that the sequence has in all. */
export function lengthOf({ request, generated }: Sequence): number {
  return request.prompt.length + generated;
}

/** Which of two goes first: the lower priority number, then who came first. */
export function byPriority(left: Sequence, right: Sequence): number {
  return left.request.priority - right.request.priority || left.order - right.order;
}
