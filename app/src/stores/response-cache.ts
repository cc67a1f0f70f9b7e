import { createHash } from "node:crypto";
import { Counter, type Registry } from "prom-client";
import type { z } from "zod";
import { METRICS } from "../contract/metrics";
import type { Coordination } from "./coordination/coordination";

/** Everything that an answer depends on. What is left out here would be mixed up. */
export interface CacheKey {
  /** Route template, e.g. `/news`: answers of different shape never meet. */
  readonly route: string;
  readonly model: string;
  /** Name and version of the adapter; `null` for the base model. */
  readonly adapter: string | null;
  readonly promptVersion: string;
  readonly temperature: number;
  /** Further parameters of the generation: token limit, schema's name, language. */
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  /** Rendered messages. */
  readonly prompt: readonly { readonly role: string; readonly content: string }[];
  /** Whose private material the prompt holds; `null` where it holds none, and every user may get the answer. */
  readonly user: string | null;
}

/** `X-Cache`. `bypass`: this request is not one for the cache. */
export type CacheResult = "hit" | "miss" | "bypass";

export interface ResponseCacheOptions {
  readonly coordination: Coordination;
  /** 0 keeps nothing. */
  readonly ttlSeconds: number;
}

/** Above it two answers to one prompt differ on purpose. Source: R-49. */
const MAX_TEMPERATURE = 0.2;

/** Answers that were generated before, shared by all gateways. */
export class ResponseCache {
  readonly #coordination: Coordination;
  readonly #ttlMs: number;
  /** What is being looked up or generated right now, so that equal requests at the same time generate once. */
  readonly #running = new Map<string, Promise<{ readonly answer: unknown }>>();
  #counter: Counter<"route" | "result"> | undefined;

  constructor({ coordination, ttlSeconds }: ResponseCacheOptions) {
    this.#coordination = coordination;
    this.#ttlMs = ttlSeconds * 1000;
  }

  register(registry: Registry): void {
    this.#counter = new Counter({
      name: METRICS.cacheRequests,
      help: "Generation requests by what the response cache had for them.",
      labelNames: ["route", "result"],
      registers: [registry],
    });
  }

  /**
   * The cached answer to an equal request, or what `generate` makes of it now.
   * @param schema of the answer: what another release cached in another shape is a miss
   * @param keep whether an answer is one of this key: one of another model's is not. @default all are
   * @throws whatever `generate` throws; the cache itself never fails
   */
  async through<Answer>(
    key: CacheKey,
    schema: z.ZodType<Answer>,
    generate: () => Promise<Answer>,
    keep: (answer: Answer) => boolean = () => true,
  ): Promise<{ readonly answer: Answer; readonly result: CacheResult }> {
    const { answer, result } = await this.#through(key, schema, generate, keep);
    this.#counter?.inc({ route: key.route, result });
    return { answer, result };
  }

  async #through<Answer>(
    key: CacheKey,
    schema: z.ZodType<Answer>,
    generate: () => Promise<Answer>,
    keep: (answer: Answer) => boolean,
  ) {
    if (this.#ttlMs === 0 || key.temperature > MAX_TEMPERATURE)
      return { answer: await generate(), result: "bypass" as const };
    const digest = digestOf(key);
    const joining = this.#join(digest, schema);
    const joined = joining === undefined ? undefined : await joining;
    if (joined !== undefined) return { answer: joined.answer, result: "hit" as const };
    const looking = this.#lookUpOrGenerate(digest, schema, generate, keep);
    this.#running.set(digest, looking);
    try {
      return await looking;
    } finally {
      if (this.#running.get(digest) === looking) this.#running.delete(digest);
    }
  }

  /**
   * What an equal request is about to be answered. Where that fails, this one tries for itself: the other's client may
   * just have left. No other call can start in between, because nothing is awaited where none runs.
   */
  #join<Answer>(digest: string, schema: z.ZodType<Answer>): Promise<Found<Answer>> | undefined {
    const running = this.#running.get(digest);
    return running?.then(
      ({ answer }) => checked(schema, answer),
      () => undefined,
    );
  }

  async #lookUpOrGenerate<Answer>(
    digest: string,
    schema: z.ZodType<Answer>,
    generate: () => Promise<Answer>,
    keep: (answer: Answer) => boolean,
  ) {
    const cached = parse(schema, await this.#coordination.cached(digest));
    if (cached !== undefined) return { answer: cached.answer, result: "hit" as const };
    const answer = await generate();
    if (keep(answer)) await this.#coordination.cache(digest, Buffer.from(JSON.stringify(answer)), this.#ttlMs);
    return { answer, result: "miss" as const };
  }
}

/** A cached answer in the requested shape, or none. */
type Found<Answer> = { readonly answer: Answer } | undefined;

function checked<Answer>(schema: z.ZodType<Answer>, value: unknown): Found<Answer> {
  const { success, data } = schema.safeParse(value);
  return success ? { answer: data } : undefined;
}

/** A fixed order of fields; JSON keeps neighbours apart, whatever they hold. */
function digestOf({ route, model, adapter, promptVersion, temperature, params, prompt, user }: CacheKey): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  const messages = prompt.map(({ role, content }) => [role, content]);
  const all = [route, model, adapter, promptVersion, temperature, sorted, messages, user];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

function parse<Answer>(schema: z.ZodType<Answer>, bytes: Uint8Array | undefined): Found<Answer> {
  if (bytes === undefined) return undefined;
  try {
    return checked(schema, JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return undefined;
  }
}
