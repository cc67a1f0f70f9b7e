/** A sample of Prometheus' text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of a `/metrics` answer; comments are left out. @throws Error on a line that is none. */
export function parsePrometheusText(text: string): readonly MetricSample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) throw new Error(`no sample: ${line}`);
      const [, name = "", labels = "", value] = match;
      return { name, labels: parseLabels(labels), value: Number(value) };
    });
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));
}

/** `name{label="value",…}`. */
export function seriesText({ name, labels }: Pick<MetricSample, "name" | "labels">): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${pairs.join(",")}}`;
}

/**
 * Whether a series selector such as `{__name__="up",pod!=""}` chooses a sample. Knows equality and inequality, which is all
 * that the adapter's rules use.
 * @throws Error on any other matcher, so that nothing is passed by not being understood.
 */
export function selects(selector: string, { name, labels }: MetricSample): boolean {
  const inner = /^\{(.+)\}$/.exec(selector)?.[1];
  if (inner === undefined) throw new Error(`no selector: ${selector}`);
  return inner.split(",").every((matcher) => {
    const parts = /^(\w+)(=|!=)"([^"]*)"$/.exec(matcher);
    if (parts === null) throw new Error(`no matcher of equality: ${matcher}`);
    const [, label = "", operator, value] = parts;
    const found = label === "__name__" ? name : (labels[label] ?? "");
    return operator === "=" ? found === value : found !== value;
  });
}
