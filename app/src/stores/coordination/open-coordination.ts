import type { Config } from "../../config/config";
import { messageOf } from "../../shared/errors/message-of";
import { Coordination } from "./coordination";
import { MemoryCoordinationStore } from "./memory-store";
import { connectRedis } from "./redis-connection";
import { RedisCoordinationStore } from "./redis-store";

export interface OpenCoordinationOptions {
  readonly stores: Config["stores"];
  readonly metadataUrl: string;
  /** Called when Redis stops and starts to answer. */
  readonly onState: (up: boolean) => void;
  /** Called with the first error after each success. */
  readonly onProgress: (line: string) => void;
}

/**
 * Coordination by the configured Redis, which gets one try (2 s) to be connected, or within this process. Redis need
 * not be up: see {@link Coordination}.
 */
export async function openCoordination({
  stores,
  metadataUrl,
  onState,
  onProgress,
}: OpenCoordinationOptions): Promise<Coordination> {
  const { redisUrl, lockTtlSeconds, lockRequired } = stores;
  if (redisUrl === undefined) {
    return new Coordination({ store: new MemoryCoordinationStore(), lockTtlSeconds, lockRequired });
  }
  let up: boolean | undefined;
  const changed = (now: boolean) => {
    if (now === up) return;
    up = now;
    onState(now);
  };
  const { redis, firstTry, close } = connectRedis({
    ...stores,
    redisUrl,
    metadataUrl,
    onError: (error) => {
      if (up !== false) onProgress(`Redis at ${new URL(redisUrl).host}: ${messageOf(error)}`);
      changed(false);
    },
  });
  const store = new RedisCoordinationStore({ redis, onState: changed, onClose: close });
  redis.on("ready", () => changed(!store.hangs));
  redis.on("close", () => changed(false));
  await firstTry;
  return new Coordination({ store, lockTtlSeconds, lockRequired });
}
