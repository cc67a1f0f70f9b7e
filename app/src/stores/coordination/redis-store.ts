import type { Redis } from "ioredis";
import { z } from "zod";
import { AppError } from "../../shared/errors/app-error";
import { messageOf } from "../../shared/errors/message-of";
import { StoreCircuit } from "../store-circuit";
import type { CoordinationStore } from "./coordination-store";
import { type LimitResult, paceOf, type RateLimit, resultOf } from "./gcra";
import { RELEASE, RENEW, type RedisScript, TAKE } from "./redis-scripts";

const takenSchema = z.tuple([z.number(), z.number()]);

/** Seconds. What rests on Redis works again as soon as it answers; a failover of Memorystore takes some seconds. */
const RETRY_SECONDS = 5;
/** Milliseconds that a command may take: a Redis in the same region answers within a few. Source: R-107. */
const DEADLINE_MS = 250;

export interface RedisCoordinationOptions {
  readonly redis: Redis;
  /** Called with the outcome of every command. */
  readonly onState: (up: boolean) => void;
  /** Ends the connection. */
  readonly onClose: () => Promise<void>;
}

/** Coordination among all gateways that share a Redis or Valkey. */
export class RedisCoordinationStore implements CoordinationStore {
  readonly #redis: Redis;
  readonly #onState: (up: boolean) => void;
  readonly #onClose: () => Promise<void>;
  readonly #circuit: StoreCircuit;

  constructor({ redis, onState, onClose }: RedisCoordinationOptions) {
    this.#redis = redis;
    this.#onState = onState;
    this.#onClose = onClose;
    this.#circuit = new StoreCircuit({
      store: "Redis",
      deadlineMs: DEADLINE_MS,
      probe: () => redis.ping(),
      onChange: (open) => onState(!open),
    });
  }

  get hangs(): boolean {
    return this.#circuit.open;
  }

  async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#send(() => this.#redis.set(key, owner, "PX", ttlMs, "NX"))) === "OK";
  }

  async renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#run(RENEW, key, owner, ttlMs)) === 1;
  }

  async release(key: string, owner: string): Promise<void> {
    await this.#run(RELEASE, key, owner);
  }

  async take(key: string, limit: RateLimit): Promise<LimitResult> {
    const pace = paceOf(limit);
    const [allowed, debtUs] = takenSchema.parse(await this.#run(TAKE, key, pace.intervalUs, pace.burstUs));
    return resultOf(allowed === 1, debtUs, pace);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.#send(() => this.#redis.getBuffer(key))) ?? undefined;
  }

  async set(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    await this.#send(() => this.#redis.set(key, Buffer.from(value), "PX", ttlMs));
  }

  async check(): Promise<void> {
    await this.#send(() => this.#redis.ping());
  }

  close(): Promise<void> {
    this.#circuit.close();
    return this.#onClose();
  }

  async #run({ lua, sha1 }: RedisScript, key: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#send(async () => {
      try {
        return await this.#redis.evalsha(sha1, 1, key, ...args);
      } catch (thrown) {
        // A Redis that was restarted has forgotten every program.
        if (messageOf(thrown).startsWith("NOSCRIPT")) return this.#redis.eval(lua, 1, key, ...args);
        throw thrown;
      }
    });
  }

  async #send<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    try {
      const reply = await this.#circuit.call(command);
      this.#onState(true);
      return reply;
    } catch (thrown) {
      this.#onState(false);
      throw unavailable(thrown);
    }
  }
}

/** Every failure counts: each command is one that a Redis in order answers. */
function unavailable(cause: unknown): AppError {
  return new AppError("STORE_UNAVAILABLE", { params: { store: "Redis" }, retryAfterSeconds: RETRY_SECONDS, cause });
}
