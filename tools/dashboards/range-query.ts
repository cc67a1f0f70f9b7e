import { z } from "zod";

/** What a picture shows, in unix seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  /** Seconds between two points. */
  readonly step: number;
}

/** A number at a time in unix seconds; NaN where there was nothing to divide by. */
export type Point = readonly [time: number, value: number];

export interface LabelledSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}

const sample = z.tuple([z.number(), z.string()]);
const result = z.object({
  metric: z.record(z.string(), z.string()),
  value: sample.optional(),
  values: z.array(sample).optional(),
});
const answer = z.object({ data: z.object({ result: z.array(result) }) });

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

async function query(url: string): Promise<readonly LabelledSeries[]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`Prometheus answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  const { data } = answer.parse(await response.json());
  return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    labels: metric,
    points: values.map(([time, text]) => [time, numberOf(text)] as const),
  }));
}

/**
 * Points of every series of an expression, from start to end.
 * @param url of Prometheus, without a slash at its end
 * @throws Error with Prometheus' words where it cannot answer
 */
export function rangeQuery(url: string, promql: string, { start, end, step }: TimeRange) {
  const parameters = new URLSearchParams({
    query: promql,
    start: String(start),
    end: String(end),
    step: String(step),
  });
  return query(`${url}/api/v1/query_range?${parameters}`);
}

/** The last point of every series alone. */
export function instantQuery(url: string, promql: string, time: number) {
  return query(`${url}/api/v1/query?${new URLSearchParams({ query: promql, time: String(time) })}`);
}
