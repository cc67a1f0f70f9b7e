import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { ChartSource } from "../../planning/charts";

/** The same source, a file by its absolute path: relative ones start where the stacks are synthesized. */
export function locatedChart(source: ChartSource): ChartSource {
  return source.kind === "file" ? { ...source, path: resolve(source.path) } : source;
}

/** Names of the chart files that are not there. Sources that are no file are not asked. */
export function missingCharts(sources: readonly ChartSource[]): readonly string[] {
  return sources.flatMap((source) =>
    source.kind === "file" && !existsSync(resolve(source.path)) ? [basename(source.path)] : [],
  );
}
