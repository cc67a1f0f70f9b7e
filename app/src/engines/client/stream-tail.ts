import { reportedUsageSchema, type Usage } from "./protocol";
import { SseDecoder } from "./sse-decoder";

/** Blocks that are kept to look for usage and `[DONE]` once the stream has ended: engines send both last. */
const KEPT_BLOCKS = 3;

/** The end of an event stream, decoded only once the stream is over. */
export class StreamTail {
  readonly #blocks: Buffer[] = [];

  /** Keeps a block of whole events; the oldest one goes. */
  push(block: Buffer): void {
    if (this.#blocks.push(block) > KEPT_BLOCKS) this.#blocks.shift();
  }

  /**
   * Reads the end of a stream that is over.
   * @returns the tokens that its last event with a count gives; `undefined` where the engine counts none
   * @throws Error where the stream was cut off before `[DONE]`
   */
  usage(): Usage | undefined {
    const events = eventsIn(Buffer.concat(this.#blocks));
    if (!events.includes("[DONE]")) throw new Error("the stream ended without [DONE]");
    for (const data of events.toReversed()) {
      if (!data.includes('"usage"')) continue;
      const { success, data: usage } = reportedUsageSchema.safeParse(usageField(data));
      if (success) return usage;
    }
    return undefined;
  }
}

/** Whether `[DONE]` is among a block's events. */
export function isDone(block: Buffer): boolean {
  return eventsIn(block).includes("[DONE]");
}

function eventsIn(block: Buffer): string[] {
  return new SseDecoder().pushText(block.toString());
}

function usageField(data: string): unknown {
  try {
    const event: unknown = JSON.parse(data);
    return typeof event === "object" && event !== null && "usage" in event ? event.usage : undefined;
  } catch {
    return undefined;
  }
}
