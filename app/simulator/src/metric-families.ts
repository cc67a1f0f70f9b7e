/**
 * Prometheus' text format as the Python client writes it, which is what vLLM answers: labels in order of name, numbers
 * as floats, a `_created` series beside counters and histograms. Written out here because every token of every stream
 * is counted several times: a counter is a field, an observation a few comparisons.
 */

export type LabelPairs = Readonly<Record<string, string>>;

export interface MetricFamily {
  /** The family's lines, without an end of line. */
  lines(): string[];
}

const STARTED_SECONDS = Date.now() / 1_000;

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}

function sample(name: string, labels: LabelPairs, value: number): string {
  const pairs = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  const escaped = pairs.map(([key, text]) => `${key}="${text.replace(/[\\"\n]/g, escapeOf)}"`);
  return `${name}{${escaped.join(",")}} ${number(value)}`;
}

function escapeOf(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** A value that is read at each scrape. */
export class GaugeFamily implements MetricFamily {
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => readonly (readonly [LabelPairs, number])[];

  constructor(name: string, help: string, read: () => readonly (readonly [LabelPairs, number])[]) {
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  lines(): string[] {
    const samples = this.#read().map(([labels, value]) => sample(this.#name, labels, value));
    return [...head(this.#name, "gauge", this.#help), ...samples];
  }
}

/** Counts up. Its series' names end in `_total`. */
export class CounterFamily implements MetricFamily {
  value = 0;
  readonly #name: string;
  readonly #help: string;
  readonly #labels: LabelPairs;

  constructor(name: string, help: string, labels: LabelPairs) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
  }

  lines(): string[] {
    return writeCounters(this.#name, this.#help, [[this.#labels, this.value]]);
  }
}

/** Counters of one name that differ in one label, all of them there from the beginning. */
export class LabelledCounterFamily<Value extends string> implements MetricFamily {
  readonly counts: Map<Value, number>;
  readonly #name: string;
  readonly #help: string;
  readonly #labels: LabelPairs;
  readonly #label: string;

  constructor(name: string, help: string, labels: LabelPairs, label: string, values: readonly Value[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
    this.#label = label;
    this.counts = new Map(values.map((value) => [value, 0]));
  }

  add(value: Value, amount = 1): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + amount);
  }

  lines(): string[] {
    const samples = [...this.counts].map(
      ([value, count]) => [{ ...this.#labels, [this.#label]: value }, count] as const,
    );
    return writeCounters(this.#name, this.#help, samples);
  }
}

function writeCounters(name: string, help: string, samples: readonly (readonly [LabelPairs, number])[]): string[] {
  return [
    ...head(`${name}_total`, "counter", help),
    ...samples.map(([labels, value]) => sample(`${name}_total`, labels, value)),
    ...head(`${name}_created`, "gauge", help),
    ...samples.map(([labels]) => sample(`${name}_created`, labels, STARTED_SECONDS)),
  ];
}

export class HistogramFamily implements MetricFamily {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: LabelPairs;
  readonly #bounds: readonly number[];
  /** Observations in each bucket alone; the last one has no bound. */
  readonly #counts: number[];
  #sum = 0;

  constructor(name: string, help: string, labels: LabelPairs, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Notes a value, as often as it was seen. */
  observe(value: number, times = 1): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.#sum += value * times;
  }

  lines(): string[] {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      const le = number(this.#bounds[index] ?? Number.POSITIVE_INFINITY);
      return sample(`${this.#name}_bucket`, { ...this.#labels, le }, count);
    });
    return [
      ...head(this.#name, "histogram", this.#help),
      ...buckets,
      sample(`${this.#name}_count`, this.#labels, count),
      sample(`${this.#name}_sum`, this.#labels, this.#sum),
      ...head(`${this.#name}_created`, "gauge", this.#help),
      sample(`${this.#name}_created`, this.#labels, STARTED_SECONDS),
    ];
  }
}
