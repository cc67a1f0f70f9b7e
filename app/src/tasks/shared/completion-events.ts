import { type CompletionStream, NO_USAGE, type Usage } from "../../engines/client/protocol";
import type { EventSource, EventStream } from "../../http/streams/event-stream";

/** A server-sent event of ours among the model's chunks. */
export interface NamedEvent {
  readonly name: string;
  readonly data: unknown;
}

/** A streamed answer that is over. */
export interface StreamedText {
  readonly text: string;
  readonly usage: Usage;
  /** Whether it was cut off at its token limit. */
  readonly truncated: boolean;
}

export interface CompletionEventsProps {
  readonly requestId: string;
  /** The model's answer, its first step already here. */
  readonly stream: CompletionStream;
  /** Sent before the first chunk. @default none */
  readonly leading?: readonly NamedEvent[];
  /**
   * Called with the answer once it is over; returns the events that come before `[DONE]`. Not called for one that broke
   * off. @default nothing
   */
  readonly finish?: (answer: StreamedText) => Promise<readonly NamedEvent[]>;
}

/** A model's text as server-sent events shaped like OpenAI's chunks, ended by `data: [DONE]`. */
export function completionEvents(props: CompletionEventsProps): EventSource {
  return { write: (events) => writeCompletion(events, props) };
}

async function writeCompletion(events: EventStream, props: CompletionEventsProps): Promise<void> {
  const { requestId, stream, leading = [], finish } = props;
  const { model, simulated } = stream;
  const created = Math.floor(Date.now() / 1000);
  const head = { id: `chatcmpl-${requestId}`, object: "chat.completion.chunk", created, model, simulated };
  let text = "";
  let usage = NO_USAGE;
  let truncated = false;
  for (const { name, data } of leading) await events.send(data, name);
  for await (const { content, finishReason, usage: counted } of stream.deltas) {
    if (events.ended) return;
    if (finish !== undefined) text += content;
    truncated ||= finishReason === "length";
    if (content !== "" || finishReason !== null) {
      await events.send({ ...head, choices: [{ index: 0, delta: { content }, finish_reason: finishReason }] });
    }
    if (counted !== undefined) {
      usage = counted;
      await events.send({ ...head, choices: [], usage });
    }
  }
  if (events.ended) return;
  for (const { name, data } of (await finish?.({ text, usage, truncated })) ?? []) await events.send(data, name);
  events.done();
}
