import type { NamedSeries } from "./panel-data";
import type { Point, TimeRange } from "./range-query";

/** A series on top of those before it. */
export interface Layer {
  readonly name: string;
  readonly lower: readonly Point[];
  readonly upper: readonly Point[];
}

/** Times of a range's points. */
function times({ start, end, step }: TimeRange): readonly number[] {
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}

/** Each series on those before it; one that has no number at a time adds nothing to it. */
export function stack(series: readonly NamedSeries[], range: TimeRange): readonly Layer[] {
  let lower: readonly Point[] = times(range).map((time) => [time, 0] as const);
  return series.map(({ name, points }) => {
    const values = new Map(points.map(([time, value]) => [Math.round(time), Number.isFinite(value) ? value : 0]));
    const upper = lower.map(([time, below]): Point => [time, below + (values.get(Math.round(time)) ?? 0)]);
    const layer = { name, lower, upper };
    lower = upper;
    return layer;
  });
}
