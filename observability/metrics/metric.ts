/** What a number counts. Prometheus' base units where the emitter keeps to them; DCGM and node tools have their own. */
export type Unit =
  | "bytes"
  | "celsius"
  | "info"
  | "mebibytes"
  | "percent"
  | "pods"
  | "ratio"
  | "requests"
  | "seconds"
  | "state"
  | "tokens"
  | "total"
  | "unix seconds"
  | "watts";

/** The program that exposes a metric on its `/metrics`. */
export type Emitter =
  | "blackbox-exporter"
  | "alertmanager"
  | "dcgm-exporter"
  | "gateway"
  | "kube-state-metrics"
  | "kubelet"
  | "node-exporter"
  | "prometheus"
  | "qdrant"
  | "vllm";

/**
 * Labels that a scrape adds to every series, on a VM or in the cluster. `instance` and `group` distinguish VMs,
 * `namespace` and `pod` pods; `job` names the emitter's scrape on both.
 */
export type TargetLabel = "environment" | "group" | "instance" | "job" | "namespace" | "node" | "pod" | "zone";

interface Described<Label extends string> {
  readonly name: string;
  readonly unit: Unit;
  /** Labels of its own, beside those of its target. */
  readonly labels: readonly Label[];
  readonly emitter: Emitter;
  /** A sentence for the contract's table. */
  readonly help: string;
}

/** Only grows, until its process restarts: read by `rate` and `increase`. Its name ends in `_total`. */
export interface Counter<Label extends string = string> extends Described<Label> {
  readonly type: "counter";
}

/** Goes up and down. */
export interface Gauge<Label extends string = string> extends Described<Label> {
  readonly type: "gauge";
}

/** Exposed as `_bucket`, `_sum` and `_count`; `le` is a label of the first alone. */
export interface Histogram<Label extends string = string> extends Described<Label> {
  readonly type: "histogram";
  /** Upper bounds that every emitter of this metric has, so that a rule may read exactly one of them. */
  readonly bounds: readonly number[];
}

export type Metric<Label extends string = string> = Counter<Label> | Gauge<Label> | Histogram<Label>;

type Definition<Label extends string> = Omit<Described<Label>, "labels"> & { readonly labels?: readonly Label[] };

/** @throws RangeError where the name does not end in `_total`: such a counter is a mistake, or not one. */
export function counter<const Label extends string = never>(definition: Definition<Label>): Counter<Label> {
  if (!definition.name.endsWith("_total"))
    throw new RangeError(`counter ${definition.name}: its name must end in _total`);
  return { type: "counter", labels: [], ...definition };
}

export function gauge<const Label extends string = never>(definition: Definition<Label>): Gauge<Label> {
  return { type: "gauge", labels: [], ...definition };
}

export function histogram<const Label extends string = never>(
  definition: Definition<Label> & { readonly bounds: readonly number[] },
): Histogram<Label> {
  return { type: "histogram", labels: [], ...definition };
}
