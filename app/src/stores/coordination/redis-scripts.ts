import { createHash } from "node:crypto";

/** A program that Redis runs in one step, and its hash there. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

function script(lua: string): RedisScript {
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
}

/** KEYS: lock. ARGV: owner, milliseconds. @returns 1 where the owner still held it */
export const RENEW = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return 1
`);

/** KEYS: lock. ARGV: owner. */
export const RELEASE = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])
`);

/**
 * `takeOne` of gcra.ts, by the server's clock, so that gateways whose clocks differ count alike.
 * KEYS: counter. ARGV: microseconds of one event, microseconds of a burst.
 * @returns whether it was allowed (1 or 0), microseconds until all is worked off
 */
export const TAKE = script(`
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = math.max(tonumber(redis.call("GET", KEYS[1]) or now), now)
local after = before + interval
if after - now > burst then return { 0, before - now } end
redis.call("SET", KEYS[1], string.format("%.0f", after), "PX", math.ceil((after - now) / 1000))
return { 1, after - now }
`);
