import { z } from "zod";

const requests = z.int().min(1).default(1);

/**
 * What can go wrong on purpose. Those with `requests` hit so many of the next generations (the chat, completion and
 * embedding routes), one fault a request, in the order of their requests.
 */
export const faultSchema = z.discriminatedUnion("kind", [
  /** Answers with this status. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    retryAfterSeconds: z.int().min(0).optional(),
    requests,
  }),
  /** Answers 200 with something that is not what the route answers. */
  z.strictObject({ kind: z.literal("rubbish"), requests }),
  /** Takes the request and never answers. */
  z.strictObject({ kind: z.literal("hang"), requests }),
  /** Drops the connection after so many tokens; 0 before the first. */
  z.strictObject({ kind: z.literal("cut"), afterTokens: z.int().min(0).default(0), requests }),
  /**
   * Ends the answer after so many tokens with this `finish_reason` and, as a stream, with `[DONE]`. vLLM sends `abort` and
   * `error` for requests that it gives up; null: none at all. 0 tokens is an answer without text.
   */
  z.strictObject({
    kind: z.literal("finish"),
    reason: z.enum(["stop", "length", "abort", "error"]).nullable(),
    afterTokens: z.int().min(0),
    requests,
  }),
  /**
   * An error with status 200, in a stream after so many tokens, in one of the forms that engines use: `openai`
   * `{"error": {"message": …}}`, `text` `{"error": "…"}`, `message` `{"message": …}`, `detail` `{"detail": …}`.
   */
  z.strictObject({
    kind: z.literal("error-object"),
    form: z.enum(["openai", "text", "message", "detail"]),
    afterTokens: z.int().min(0).default(0),
    requests,
  }),
  /** Until it is cleared: every step takes so many times longer, and at least so many milliseconds. */
  z.strictObject({
    kind: z.literal("slow"),
    factor: z.number().min(1).default(1),
    minStepMs: z.number().min(0).default(0),
  }),
  /** Until it is cleared: no step ends any more while `/health` stays 200, as after an Xid that hangs the GPU. */
  z.strictObject({ kind: z.literal("stall") }),
  /** The engine dies, as of an Xid that loses the GPU: `/health` is 503 and generations fail until a restart. */
  z.strictObject({ kind: z.literal("crash") }),
  /** The engine's process starts anew: what runs is lost, and so are the adapters that were loaded. */
  z.strictObject({ kind: z.literal("restart") }),
  /** So many adapters do not load. */
  z.strictObject({
    kind: z.literal("refuse-adapters"),
    reason: z.enum(["base-model-mismatch", "out-of-memory"]).default("base-model-mismatch"),
    requests,
  }),
]);

export type Fault = z.output<typeof faultSchema>;
/** A fault as it is written down, with its defaults left out. */
export type FaultInput = z.input<typeof faultSchema>;
type Queued = Extract<Fault, { requests: number }>;
/** A fault that one generation meets. */
export type RequestFault = Exclude<Queued, { kind: "refuse-adapters" }>;
type AdapterFault = Extract<Queued, { kind: "refuse-adapters" }>;

/** What changes the engine itself, at once. */
export interface FaultTarget {
  slowDown(slowness: { readonly factor: number; readonly minStepMs: number }): void;
  stall(isStalled: boolean): void;
  crash(): void;
  restart(): void;
}

/** The faults that wait to happen. */
export class Faults {
  readonly #target: FaultTarget;
  #requests: RequestFault[] = [];
  #adapters: AdapterFault[] = [];

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  /** @throws ZodError for a fault that there is not */
  inject(input: FaultInput): void {
    const fault = faultSchema.parse(input);
    switch (fault.kind) {
      case "slow":
        this.#target.slowDown(fault);
        break;
      case "stall":
        this.#target.stall(true);
        break;
      case "crash":
        this.#target.crash();
        break;
      case "restart":
        this.#target.restart();
        break;
      case "refuse-adapters":
        this.#adapters.push(fault);
        break;
      default:
        this.#requests.push(fault);
    }
  }

  /** Calls off what has not happened yet, and ends slowness and stalls. A dead engine stays dead until `restart`. */
  clear(): void {
    this.#requests = [];
    this.#adapters = [];
    this.#target.slowDown({ factor: 1, minStepMs: 0 });
    this.#target.stall(false);
  }

  /** What has not happened yet. */
  get pending(): readonly Fault[] {
    return [...this.#requests, ...this.#adapters];
  }

  /** The fault that the generation beginning now meets. */
  nextRequest(): RequestFault | undefined {
    if (this.#requests.length === 0) return undefined;
    const [fault, rest] = take(this.#requests);
    this.#requests = rest;
    return fault;
  }

  /** The fault that the adapter being loaded now meets. */
  nextAdapter(): AdapterFault | undefined {
    const [fault, rest] = take(this.#adapters);
    this.#adapters = rest;
    return fault;
  }
}

const INJECTED = "Injected fault.";

/** An error as an engine of some kind sends it with status 200. */
export function errorObject(form: Extract<Fault, { kind: "error-object" }>["form"]): Readonly<Record<string, unknown>> {
  switch (form) {
    case "openai":
      return { error: { message: INJECTED, type: "InternalServerError", param: null, code: 500 } };
    case "text":
      return { error: INJECTED };
    case "message":
      return { message: INJECTED };
    case "detail":
      return { detail: INJECTED };
  }
}

/** The first fault, and what is left to happen after it. */
function take<Some extends Queued>(faults: readonly Some[]): [Some | undefined, Some[]] {
  const [first, ...others] = faults;
  if (first === undefined || first.requests === 1) return [first, others];
  return [first, [{ ...first, requests: first.requests - 1 }, ...others]];
}
