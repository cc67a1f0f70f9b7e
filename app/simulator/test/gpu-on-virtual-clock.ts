import { Gpu, type GpuOptions } from "../src/gpu";
import { cachedPrompt } from "../src/kv-cache";
import type { EndReason, Sequence } from "../src/sequence";
import { L4_GEMMA_12B } from "../src/timing";
import { VirtualClock } from "./virtual-clock";

export interface SequenceProps {
  /** Tokens of the prompt. */
  readonly prompt: number;
  /** Tokens of the answer. */
  readonly answer: number;
  readonly priority?: number;
  readonly adapter?: string;
  /** The prompt's text; prompts of one text begin alike. */
  readonly text?: string;
}

/** A GPU on a clock that only the test moves, with the times and end of each sequence. */
export function gpuOnVirtualClock(options: Partial<GpuOptions> = {}) {
  const clock = new VirtualClock();
  const preempted: Sequence[] = [];
  const observer = {
    started() {},
    preempted: (sequence: Sequence) => void preempted.push(sequence),
    stepped() {},
    generated() {},
    ended() {},
  };
  const gpu = new Gpu({ speed: 1, clock, observer, ...options });
  const add = ({ prompt, answer, priority = 0, adapter, text = "" }: SequenceProps) => {
    const at: number[] = [];
    const ends: EndReason[] = [];
    const tokens = Array.from({ length: prompt }, (_, index) => `${text}${index}`);
    const sequence = gpu.add(
      {
        prompt: cachedPrompt(tokens, L4_GEMMA_12B.blockTokens),
        answerTokens: answer,
        endReason: "stop",
        maxTokens: answer,
        priority,
        adapter,
      },
      {
        tokens: (from, to) => at.push(...Array.from({ length: to - from }, () => clock.now())),
        ended: (reason) => ends.push(reason),
      },
    );
    return { sequence, at, ends };
  };
  const submit = (props: SequenceProps) => {
    const run = add(props);
    gpu.run();
    return run;
  };
  return { clock, gpu, add, submit, preempted };
}
