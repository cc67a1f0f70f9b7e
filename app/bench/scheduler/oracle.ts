import { kvCacheBytes, L4_GEMMA_12B } from "../../simulator/src/timing";
import type { Job } from "../../src/engines/scheduling/job";
import type { Lease } from "../../src/engines/scheduling/lease";
import { PrefixCacheModel } from "../../src/engines/scheduling/prefix-cache-model";
import type { PromptPrefix } from "../../src/engines/scheduling/prompt-prefix";
import type { Clock } from "../../src/shared/clock";
import type { Policy, ReplayEndpoint, Scheduler } from "./replay";

/** Tokens that the engine's cache holds of prompts as long as a step. */
const CACHE_TOKENS = (L4_GEMMA_12B.kvCacheBytes / kvCacheBytes(2_048)) * 2_048;

interface Waiting {
  readonly job: Job;
  readonly tokens: readonly string[];
  readonly prefix: PromptPrefix;
  readonly arrivedMs: number;
  readonly grant: (lease: Lease<ReplayEndpoint>) => void;
}

interface Engine {
  readonly endpoint: ReplayEndpoint;
  readonly cache: PrefixCacheModel;
  inFlight: number;
  /** Tokens of prompts sent there that have no first token yet. */
  reading: number;
}

/**
 * The bound that complete knowledge and no fairness would reach: exact lengths, the cache in the engine's
 * own blocks of 16 tokens, all jobs compared with all engines at each decision, one prompt at a time. Always
 * the shortest to read, interactive ones first, without ageing: the least mean TTFT, and no bound for the longest wait.
 */
class Oracle implements Scheduler {
  readonly #clock: Clock;
  readonly #engines: readonly Engine[];
  #waiting: Waiting[] = [];

  constructor(clock: Clock, endpoints: readonly ReplayEndpoint[]) {
    this.#clock = clock;
    this.#engines = endpoints.map((endpoint) => ({
      endpoint,
      inFlight: 0,
      reading: 0,
      cache: new PrefixCacheModel(CACHE_TOKENS),
    }));
  }

  acquire(job: Job, tokens: readonly string[]): Promise<Lease<ReplayEndpoint>> {
    return new Promise((grant) => {
      this.#waiting.push({ job, tokens, prefix: exactPrefix(tokens), arrivedMs: this.#clock.now(), grant });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (;;) {
      const free = this.#engines.filter((engine) => engine.reading === 0 && engine.inFlight < engine.endpoint.slots);
      const interactive = this.#waiting.filter(({ job }) => job.class === "interactive");
      const candidates = interactive.length > 0 ? interactive : this.#waiting;
      const pairs = candidates.flatMap((waiting) =>
        free.map((engine) => ({ waiting, engine, tokens: uncached(waiting, engine) })),
      );
      if (pairs.length === 0) return;
      const best = pairs.reduce(shorter);
      this.#waiting = this.#waiting.filter((waiting) => waiting !== best.waiting);
      this.#send(best.waiting, best.engine, best.tokens);
    }
  }

  #send(waiting: Waiting, engine: Engine, tokens: number): void {
    engine.inFlight += 1;
    engine.reading += tokens;
    engine.cache.read(waiting.prefix);
    let isReading = true;
    const firstToken = () => {
      if (!isReading) return;
      isReading = false;
      engine.reading -= tokens;
      this.#dispatch();
    };
    waiting.grant({
      endpoint: engine.endpoint,
      queuedMs: this.#clock.now() - waiting.arrivedMs,
      cachedTokens: waiting.tokens.length - tokens,
      priority: 0,
      firstToken,
      release: () => {
        firstToken();
        engine.inFlight -= 1;
        this.#dispatch();
      },
    });
  }
}

interface Pair {
  readonly waiting: Waiting;
  readonly engine: Engine;
  readonly tokens: number;
}

/** The pair with less to read; of equal ones the engine with fewer answers in flight. */
function shorter(a: Pair, b: Pair): Pair {
  return b.tokens < a.tokens || (b.tokens === a.tokens && b.engine.inFlight < a.engine.inFlight) ? b : a;
}

function uncached({ tokens, prefix }: Waiting, { cache }: Engine): number {
  return Math.max(1, tokens.length - cache.heldBlocks(prefix) * L4_GEMMA_12B.blockTokens);
}

/** Fingerprints of the engine's own blocks. */
function exactPrefix(tokens: readonly string[]): PromptPrefix {
  const { blockTokens } = L4_GEMMA_12B;
  const hashes: number[] = [];
  let hash = 17;
  tokens.forEach((token, index) => {
    for (let at = 0; at < token.length; at += 1) hash = (hash * 31 + token.charCodeAt(at)) % 9_007_199_254_739;
    if ((index + 1) % blockTokens === 0) hashes.push(hash);
  });
  return { hashes, tokensPerBlock: blockTokens };
}

export const ORACLE: Policy = (clock, endpoints) => new Oracle(clock, endpoints);
