import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { type Config, ConfigError } from "../../config/config";
import { ENV } from "../../contract/variables";
import { AccessTokens } from "../../shared/access-token";
import { messageOf } from "../../shared/errors/message-of";
import { isLoopback } from "../../shared/loopback";
import { tlsWithAuthority } from "../authority-file";

export interface RedisOptions extends Pick<Config["stores"], "redisAuth" | "redisCaFile">, Pick<Config, "metadataUrl"> {
  readonly redisUrl: string;
  /** Called when a connection is lost or refused; ioredis connects again by itself. */
  readonly onError: (error: Error) => void;
}

/** A connection that restores itself. */
export interface RedisConnection {
  readonly redis: Redis;
  /** Resolves when the first try to connect has ended, well or not. */
  readonly firstTry: Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** Milliseconds of silence to a command after which a connection is made anew: behind a broken network it stays dead. */
const SOCKET_TIMEOUT_MS = 2_000;
/** Milliseconds between tries to connect: doubled from the first up to the last. */
const RETRY_MS = { first: 50, last: 2_000 } as const;
/** Milliseconds until the metadata server is tried again after it failed. */
const TOKEN_RETRY_MS = 1_000;
/** Memorystore's user of every IAM login. https://cloud.google.com/memorystore/docs/valkey/manage-iam-auth */
const IAM_USER = "default";

/**
 * Connects in the background. While there is no connection, every command fails at once.
 * @throws ConfigError where an access token would cross a network in the clear, or the authority's file cannot be read
 */
export function connectRedis(options: RedisOptions): RedisConnection {
  refuseTokenInTheClear(options);
  const { redisUrl, redisAuth, redisCaFile, onError } = options;
  const redis = new Redis(redisUrl, {
    ...(redisCaFile === undefined ? {} : { tls: tlsWithAuthority(ENV.redisCaFile, redisCaFile) }),
    ...(redisAuth === "google-iam" ? { username: IAM_USER } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    connectionName: "terrace-gateway",
    retryStrategy: (attempt) => Math.min(RETRY_MS.first * 2 ** (attempt - 1), RETRY_MS.last),
  });
  redis.on("error", onError);
  const closing = new AbortController();
  const { firstTry, ended } =
    redisAuth === "google-iam" ? keepLoggedIn(redis, options, closing.signal) : connectOnce(redis);
  return {
    redis,
    firstTry,
    async close() {
      closing.abort();
      redis.disconnect();
      await ended;
    },
  };
}

function refuseTokenInTheClear({ redisUrl, redisAuth, redisCaFile }: RedisOptions): void {
  const { protocol, hostname } = new URL(redisUrl);
  if (redisAuth === "password" || protocol === "rediss:" || redisCaFile !== undefined || isLoopback(hostname)) return;
  throw new ConfigError([
    `${ENV.redisAuth}=google-iam sends an access token: ${ENV.redisUrl} must begin with rediss://, or ${ENV.redisCaFile} be set`,
  ]);
}

/** What goes on beside the connection. */
interface Login {
  readonly firstTry: Promise<void>;
  readonly ended: Promise<void>;
}

/** Later tries are ioredis' own, and their errors are emitted as events. */
function connectOnce(redis: Redis): Login {
  const firstTry = redis.connect().catch(() => {});
  return { firstTry, ended: firstTry };
}

/**
 * Logs in with an access token, and again before it expires, until the signal aborts; a connection that is made anew
 * takes the token at hand.
 */
function keepLoggedIn(redis: Redis, { metadataUrl, onError }: RedisOptions, signal: AbortSignal): Login {
  const tokens = new AccessTokens(metadataUrl);
  async function logIn(): Promise<number> {
    try {
      const { text } = await tokens.current();
      redis.options.password = text;
      if (redis.status === "wait") await redis.connect().catch(() => {});
      else if (redis.status === "ready") await redis.auth(IAM_USER, text);
      return Math.max(TOKEN_RETRY_MS, tokens.renewInMs);
    } catch (thrown) {
      onError(new Error(messageOf(thrown), { cause: thrown }));
      return TOKEN_RETRY_MS;
    }
  }
  async function repeat(first: Promise<number>): Promise<void> {
    for (let waitMs = await first; !signal.aborted; waitMs = await logIn()) {
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
    }
  }
  const first = logIn();
  return { firstTry: first.then(() => {}), ended: repeat(first) };
}
