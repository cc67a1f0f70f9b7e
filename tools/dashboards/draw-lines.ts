import type { Point, TimeRange } from "./range-query";
import { tenths } from "./svg";

/** Where a chart's lines are, in pixels. */
export interface Plot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Scales {
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
}

/** @param top value at the plot's upper edge; 0 is at the lower one */
export function scales(plot: Plot, { start, end }: TimeRange, top: number): Scales {
  return {
    x: (time) => plot.x + ((time - start) / Math.max(1, end - start)) * plot.width,
    y: (value) => plot.y + plot.height * (1 - Math.max(0, Math.min(1, value / top))),
  };
}

/** Runs of points that follow each other without a gap: what is missing, or no number, ends one. */
export function runs(points: readonly Point[], step: number): readonly (readonly Point[])[] {
  const found: Point[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const [time, value] = point;
    if (!Number.isFinite(value)) continue;
    if (time - last > step * 1.5) found.push([]);
    found.at(-1)?.push(point);
    last = time;
  }
  return found;
}

/** `M x y L x y …` */
export function linePath(points: readonly Point[], { x, y }: Scales): string {
  return points
    .map(([time, value], index) => `${index === 0 ? "M" : "L"}${tenths(x(time))} ${tenths(y(value))}`)
    .join("");
}

/** The area between a line and another one below it, point by point. */
export function areaPath(upper: readonly Point[], lower: readonly Point[], to: Scales): string {
  const back = [...lower].reverse().map(([time, value]) => `L${tenths(to.x(time))} ${tenths(to.y(value))}`);
  return `${linePath(upper, to)}${back.join("")}Z`;
}
