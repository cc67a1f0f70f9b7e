/** What was seen of a target in one check's time. `undefined`: no reading. */
export interface Reading {
  /** The busiest GPU at its busiest, 0 to 100. */
  readonly gpuPercent: number | undefined;
  /** Generation requests that were answered, refused ones too. */
  readonly requests: number | undefined;
  /** Most requests at once that were being answered, or waited. */
  readonly underWay: number | undefined;
}

/** When a target counts as idle. */
export interface IdleLimits {
  /** Checks in a row that must find it idle. */
  readonly checks: number;
  /** Seconds between two checks. */
  readonly everySeconds: number;
  /** GPU use up to which it is idle, 0 to 100. */
  readonly gpuPercent: number;
  /** Seconds that it must have been up: a machine that has just started is about to be used. */
  readonly minUptimeSeconds: number;
}

export interface Seen {
  /** Oldest first, one for each check. */
  readonly readings: readonly Reading[];
  /** Seconds; undefined without a reading. */
  readonly uptimeSeconds: number | undefined;
}

/** Whether a target is idle, and otherwise why it is not. */
export type IdlenessVerdict = { readonly idle: true } | { readonly idle: false; readonly why: string };

/**
 * A target is idle when each of the last checks found no request and a resting GPU, and it has been up for long enough.
 * A missing reading never counts as idle. Pure: the readings are the whole state, and Prometheus keeps them.
 */
export function judgeIdleness({ readings, uptimeSeconds }: Seen, limits: IdleLimits): IdlenessVerdict {
  if (uptimeSeconds === undefined) return busy("nobody knows since when it is up");
  if (uptimeSeconds < limits.minUptimeSeconds) {
    return busy(`up for ${Math.floor(uptimeSeconds)} s, of ${limits.minUptimeSeconds} s`);
  }
  const last = readings.slice(-limits.checks);
  if (last.length < limits.checks) return busy(`only ${last.length} of ${limits.checks} checks`);
  // The newest reason is the most useful one.
  for (const [ago, reading] of [...last].reverse().entries()) {
    const why = whyBusy(reading, limits);
    if (why !== undefined) return busy(ago === 0 ? why : `${why}, ${ago * limits.everySeconds} s ago`);
  }
  return { idle: true };
}

function busy(why: string): IdlenessVerdict {
  return { idle: false, why };
}

function whyBusy({ gpuPercent, requests, underWay }: Reading, limits: IdleLimits): string | undefined {
  if (underWay === undefined || requests === undefined) return "no figures of its gateway";
  if (gpuPercent === undefined) return "no figures of its GPU";
  if (underWay > 0) return `${underWay} requests under way`;
  if (requests > 0) return "requests";
  // NaN is no figure either, and is not above anything.
  return gpuPercent <= limits.gpuPercent ? undefined : `GPU at ${gpuPercent} %`;
}
