/** A PromQL duration, such as `5m`. */
export type Duration = `${number}${"s" | "m" | "h" | "d"}`;

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** @throws RangeError where the unit is none of PromQL's, as in a text that was cast */
export function secondsOf(duration: Duration): number {
  const unit = duration.slice(-1);
  if (unit !== "s" && unit !== "m" && unit !== "h" && unit !== "d") throw new RangeError(`${duration} is no duration`);
  return Number(duration.slice(0, -1)) * SECONDS[unit];
}
