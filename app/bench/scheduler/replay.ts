import { Gpu } from "../../simulator/src/gpu";
import { cachedPrompt } from "../../simulator/src/kv-cache";
import { L4_GEMMA_12B } from "../../simulator/src/timing";
import type { DispatchEndpoint } from "../../src/engines/scheduling/dispatch-endpoint";
import type { Job } from "../../src/engines/scheduling/job";
import type { Lease } from "../../src/engines/scheduling/lease";
import { jobOfRequest, promptTokens } from "./prompts";
import { ReplayClock } from "./replay-clock";
import { promptLength, type Trace, type TraceRequest } from "./trace";

/** Milliseconds from the gateway to an engine, or back. Within one zone well under one; rounded up. */
const NETWORK_MS = 1;

/** No client gives up: a policy must not look better for the requests that it drives away. */
const PATIENCE_MS = 3_600_000;

/** A simulated engine on one L4. */
export class ReplayEndpoint implements DispatchEndpoint {
  readonly id: string;
  readonly slots = L4_GEMMA_12B.maxSequences;
  readonly gpu: Gpu;

  constructor(id: string, gpu: Gpu) {
    this.id = id;
    this.gpu = gpu;
  }

  available(): boolean {
    return true;
  }

  hasAdapter(): boolean {
    return true;
  }
}

/** A dispatcher, or a substitute for one. */
export interface Scheduler {
  acquire(job: Job, tokens: readonly string[]): Promise<Lease<ReplayEndpoint>>;
}

/** Sets a scheduler up. */
export type Policy = (clock: ReplayClock, endpoints: readonly ReplayEndpoint[]) => Scheduler;

export interface ReplayOptions {
  readonly trace: Trace;
  /** L4s, each with an engine of its own. */
  readonly engines: number;
  readonly policy: Policy;
  /** Whether the engines run with `--scheduling-policy priority`. */
  readonly enginePriority: boolean;
}

/** What became of one request. Times in milliseconds. */
export interface ReplayedRequest {
  readonly request: TraceRequest;
  readonly promptTokens: number;
  /** From arrival to the first token at the gateway. */
  readonly ttftMs: number;
  /** From arrival until an engine began to read the prompt. */
  readonly waitMs: number;
  /** When the answer's last token was there, from the trace's beginning. */
  readonly endedMs: number;
  /** Tokens of the prompt that the engine did not have to read. */
  readonly cachedTokens: number;
}

/** Replays a trace on simulated engines, in simulated time. */
export async function replay({ trace, engines, policy, enginePriority }: ReplayOptions): Promise<ReplayedRequest[]> {
  const clock = new ReplayClock();
  const endpoints = Array.from({ length: engines }, (_, index) => {
    const gpu = new Gpu({ speed: 1, clock, policy: enginePriority ? "priority" : "fcfs" });
    return new ReplayEndpoint(`engine-${index}`, gpu);
  });
  const scheduler = policy(clock, endpoints);
  const served: Promise<ReplayedRequest>[] = [];
  for (const request of trace.requests) {
    clock.after(request.atMs, () => served.push(serve(request, clock, scheduler, enginePriority)));
  }
  await clock.run();
  return Promise.all(served);
}

async function serve(
  request: TraceRequest,
  clock: ReplayClock,
  scheduler: Scheduler,
  enginePriority: boolean,
): Promise<ReplayedRequest> {
  const tokens = promptTokens(request);
  const lease = await scheduler.acquire(jobOfRequest(request, tokens, PATIENCE_MS), tokens);
  const sequenceRequest = {
    prompt: cachedPrompt(tokens, L4_GEMMA_12B.blockTokens),
    answerTokens: request.answerTokens,
    maxTokens: request.maxTokens,
    endReason: "stop",
    priority: enginePriority ? lease.priority : 0,
  } as const;
  return new Promise((resolve, reject) => {
    let firstTokenMs: number | undefined;
    const submit = () => {
      const sequence = lease.endpoint.gpu.add(sequenceRequest, {
        tokens: () => {
          if (firstTokenMs !== undefined) return;
          firstTokenMs = clock.now() + NETWORK_MS;
          clock.after(NETWORK_MS, () => lease.firstToken());
        },
        ended: (reason) => {
          const endedMs = clock.now() + NETWORK_MS;
          clock.after(NETWORK_MS, () => lease.release({ completionTokens: request.answerTokens }));
          if (reason !== "stop" || firstTokenMs === undefined) return reject(new Error(`an answer ended by ${reason}`));
          resolve({
            request,
            promptTokens: promptLength(request),
            cachedTokens: sequence.cachedTokens,
            endedMs,
            ttftMs: firstTokenMs - request.atMs,
            waitMs: (sequence.times.started ?? endedMs) - request.atMs,
          });
        },
      });
      lease.endpoint.gpu.run();
    };
    clock.after(NETWORK_MS, submit);
  });
}
