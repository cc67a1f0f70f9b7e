import type { Job } from "../../src/engines/scheduling/job";
import { promptPrefix } from "../../src/engines/scheduling/prompt-prefix";
import { Random } from "./random";
import { promptLength, type Segment, type TraceRequest } from "./trace";

/** Different tokens that texts are made of. Two to six characters each: English has some four to a token. */
const VOCABULARY = Array.from({ length: 4_096 }, (_, index) => {
  const random = new Random(index);
  const letters = Array.from({ length: random.between(1, 5) }, () => String.fromCharCode(97 + random.between(0, 25)));
  return ` ${letters.join("")}`;
});

/** How far a prompt's estimated length may be off, as a share. Source: `app/src/shared/tokens/estimate.ts`, 9 of 10 prompts. */
const ESTIMATE_ERROR = 0.12;

/** The tokens of a prompt, made up from its segments' names: equal names give equal tokens. */
export function promptTokens({ prompt }: Pick<TraceRequest, "prompt">): string[] {
  return prompt.flatMap(segmentTokens);
}

/** The job that the gateway makes of a request: with the text's fingerprints, and its length only estimated. */
export function jobOfRequest(request: TraceRequest, tokens: readonly string[], timeoutMs: number): Job {
  const text = tokens.join("");
  const error = new Random(numberOf(request.prompt.at(-1)?.id ?? "")).next() * 2 - 1;
  const estimated = Math.round(promptLength(request) * (1 + ESTIMATE_ERROR * error));
  return {
    class: request.class,
    promptTokens: estimated,
    prefix: promptPrefix(text, estimated),
    maxTokens: request.maxTokens,
    timeoutMs,
    reportsFirstToken: true,
  };
}

function segmentTokens({ id, tokens }: Segment): string[] {
  const random = new Random(numberOf(id));
  return Array.from({ length: tokens }, () => VOCABULARY[random.between(0, VOCABULARY.length - 1)] ?? "");
}

function numberOf(text: string): number {
  let number = 0;
  for (const character of text) number = Math.imul(number ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return number;
}
