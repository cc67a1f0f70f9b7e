import type { FastifyBaseLogger } from "fastify";
import type { TaskParts } from "../shared/task-parts";
import { TilStore } from "../shared/til-store";
import { Interviewer } from "./interviewer";
import { INTERVIEW_PROMPTS } from "./prompts/interview-versions";

/** An interviewer over the stored TILs, whose questions are compared by meaning. */
export function openInterviewer(parts: TaskParts, log: Pick<FastifyBaseLogger, "warn">): Interviewer {
  return new Interviewer({
    ...parts,
    prompts: INTERVIEW_PROMPTS[parts.promptVersion],
    tils: new TilStore(parts.database),
    compare: (texts, signal) => parts.retrieval.comparable(texts, signal),
    onCompareError: (cause) => log.warn({ err: cause }, "questions were not compared by meaning"),
  });
}
