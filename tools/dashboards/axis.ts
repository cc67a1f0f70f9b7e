/** Steps that are read at a glance, and their tens and tenths. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/**
 * Round values from 0 to just above the largest one, about so many.
 * @param base round are its multiples, as of 60 seconds or 1024 MiB
 */
export function valueTicks(largest: number, about: number, base = 1): readonly number[] {
  const end = largest > 0 && Number.isFinite(largest) ? largest / base : 1;
  const magnitude = 10 ** Math.floor(Math.log10(end / about));
  const step = (ROUND_STEPS.find((round) => round * magnitude * about >= end) ?? 10) * magnitude;
  const count = Math.ceil(end / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step * base).toPrecision(12)));
}

const ROUND_SECONDS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/** Round times within a range of unix seconds, at most so many. */
export function timeTicks(start: number, end: number, atMost: number): readonly number[] {
  const step = ROUND_SECONDS.find((seconds) => (end - start) / seconds <= atMost) ?? 604_800;
  const first = Math.ceil(start / step) * step;
  return Array.from({ length: Math.floor((end - first) / step) + 1 }, (_, index) => first + index * step);
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

export function clockText(unixSeconds: number): string {
  return CLOCK.format(unixSeconds * 1_000);
}
