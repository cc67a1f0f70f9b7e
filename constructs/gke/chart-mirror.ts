import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { ChartSource } from "../../planning/charts";

/** Absolute, because relative paths start where the stacks are synthesized. */
export function locatedChart(source: ChartSource): ChartSource {
  return source.kind === "file" ? { ...source, path: resolve(source.path) } : source;
}

export function missingCharts(sources: readonly ChartSource[]): readonly string[] {
  return sources.flatMap((source) =>
    source.kind === "file" && !existsSync(resolve(source.path)) ? [basename(source.path)] : [],
  );
}
