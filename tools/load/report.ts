import type { Task } from "../../app/src/contract/tasks";
import { renderTable } from "../../reporting/table";

/** How one request went. */
export interface Result {
  readonly task: Task;
  /** Status of the answer; `broken` where a stream ended with an error, `dropped` where too many were in flight. */
  readonly outcome: number | "broken" | "dropped" | "given up" | "unreachable";
  readonly durationMs: number;
  /** Milliseconds to the first token of a streamed answer. */
  readonly ttftMs?: number | undefined;
  readonly cause?: string;
}

/** Collects results; reports those since the last line, and all of them. */
export class LoadReport {
  readonly #all: Result[] = [];
  #seen = 0;

  add(result: Result): void {
    this.#all.push(result);
  }

  /** A line about the results since the last call. */
  line(inFlight: number): string {
    const recent = this.#all.slice(this.#seen);
    this.#seen = this.#all.length;
    const parts = [`${recent.length} answers`, outcomes(recent), `${inFlight} in flight`];
    const ttfts = timesToFirstToken(recent);
    if (ttfts.length > 0) parts.push(`first token p50 ${ms(quantile(ttfts, 0.5))}, p95 ${ms(quantile(ttfts, 0.95))}`);
    return parts.filter((part) => part !== "").join(" · ");
  }

  /** A table by task. */
  summary(): string {
    const tasks = [...new Set(this.#all.map(({ task }) => task))].toSorted();
    const rows = tasks.map((task) =>
      this.#row(
        task,
        this.#all.filter((result) => result.task === task),
      ),
    );
    return renderTable(
      ["task", "requests", "good", "first token p50", "p95", "whole answer p95", "not good"],
      [...rows, this.#row("all", this.#all)],
    );
  }

  #row(name: string, results: readonly Result[]): readonly string[] {
    const good = results.filter(isGood);
    const ttfts = timesToFirstToken(good);
    const durations = good.map(({ durationMs }) => durationMs);
    return [
      name,
      String(results.length),
      String(good.length),
      ms(quantile(ttfts, 0.5)),
      ms(quantile(ttfts, 0.95)),
      ms(quantile(durations, 0.95)),
      outcomes(results.filter((result) => !isGood(result))),
    ];
  }
}

function isGood({ outcome }: Result): boolean {
  return outcome === 200;
}

function timesToFirstToken(results: readonly Result[]): readonly number[] {
  return results.flatMap(({ ttftMs }) => (ttftMs === undefined ? [] : [ttftMs]));
}

/** Such as `12 × 200, 1 × 503`. */
function outcomes(results: readonly Result[]): string {
  const counts = new Map<Result["outcome"], number>();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} × ${outcome}`).join(", ");
}

/** The smallest value that is at least as great as this share of them; undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function ms(value: number | undefined): string {
  return value === undefined ? "-" : `${Math.round(value)} ms`;
}
