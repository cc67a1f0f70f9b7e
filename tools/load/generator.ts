import { drawErrand, type Errand, type Mix, type RandomSource } from "./errands";
import type { Result } from "./report";

export interface LoadOptions {
  /** Where the gateway answers, e.g. `http://localhost:8001`. */
  readonly url: string;
  /** Requests a second, on average. */
  readonly ratePerSecond: number;
  readonly mix: Mix;
  /** People who send them. */
  readonly users: number;
  readonly token?: string | undefined;
  readonly onResult: (result: Result) => void;
  /** @default Math.random */
  readonly random?: RandomSource | undefined;
  /** Most requests in flight; one more is not sent and is reported as `dropped`. @default 1000 */
  readonly maxInFlight?: number | undefined;
}

export interface Load {
  readonly inFlight: number;
  /** Stops sending; resolves once every request has ended, cancelled after `graceMs` at the latest. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/**
 * Sends requests at times that do not depend on the answers (a Poisson process), as many independent people do: where
 * the service slows down, requests pile up, while a fixed number of clients would wait and hide it.
 */
export function startLoad(options: LoadOptions): Load {
  const { ratePerSecond, mix, users, random = Math.random, maxInFlight = 1_000, onResult } = options;
  const inFlight = new Set<Promise<void>>();
  const giveUp = new AbortController();
  let dueMs = performance.now();
  let timer: NodeJS.Timeout | undefined;

  function send(errand: Errand): void {
    if (inFlight.size >= maxInFlight) {
      onResult({ task: errand.task, outcome: "dropped", durationMs: 0 });
      return;
    }
    const running: Promise<void> = run(errand, options, giveUp.signal)
      .then(onResult)
      .finally(() => inFlight.delete(running));
    inFlight.add(running);
  }

  function schedule(): void {
    // A late timer sends everything that is due.
    while (dueMs <= performance.now()) {
      send(drawErrand(mix, users, random));
      dueMs += (-Math.log(1 - random()) / ratePerSecond) * 1_000;
    }
    timer = setTimeout(schedule, dueMs - performance.now());
  }

  schedule();
  return {
    get inFlight() {
      return inFlight.size;
    },
    async stop(graceMs = 0) {
      clearTimeout(timer);
      const grace = setTimeout(() => giveUp.abort(), graceMs);
      await Promise.all(inFlight);
      clearTimeout(grace);
    },
  };
}

/** Sends one and reads its answer to the end. */
async function run({ task, path, body }: Errand, options: LoadOptions, signal: AbortSignal): Promise<Result> {
  const begun = performance.now();
  const since = () => performance.now() - begun;
  try {
    const response = await fetch(new URL(path, options.url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      },
      body: JSON.stringify(body),
      signal,
    });
    const streamed = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    let ttftMs: number | undefined;
    let failed = false;
    for await (const chunk of response.body ?? []) {
      if (!streamed) continue;
      ttftMs ??= since();
      // An answer that breaks off after its first token is still a 200.
      failed ||= Buffer.from(chunk).includes("event: error");
    }
    return { task, outcome: failed ? "broken" : response.status, durationMs: since(), ttftMs };
  } catch (thrown) {
    return { task, outcome: signal.aborted ? "given up" : "unreachable", durationMs: since(), cause: String(thrown) };
  }
}
