import { ENGINE_METRICS } from "../metrics/engine-metrics";
import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import { GPU_METRICS } from "../metrics/gpu-metrics";
import type { Metric } from "../metrics/metric";
import { type Expression, expression } from "../promql/expression";
import { select } from "../promql/select";
import type { Variable } from "./dashboard";

/** What is chosen at the dashboard's top, as a matcher: one, several or all. Grafana puts `.*` or `a|b` in. */
const choice = (name: string) => ({ regex: `$${name}` });

/**
 * Series of the chosen VMs and pods. `.*` matches a missing label too: on VMs no series has a pod, and in the cluster
 * an address is no choice.
 */
export const CHOSEN_TARGETS = { instance: choice("instance"), pod: choice("pod") };
/** Series of the chosen models, as the gateway names the label. */
export const CHOSEN_MODELS = { model: choice("model") };
/** The same, as vLLM names it. */
export const CHOSEN_ENGINES = { model_name: choice("model"), ...CHOSEN_TARGETS };

const targetVariables = (metric: Metric): Variable[] => [
  { name: "instance", label: "VM", series: select(metric, { pod: "" }), values: "instance" },
  { name: "pod", label: "Pod", series: select(metric, { pod: { not: "" } }), values: "pod" },
];

const MODEL: Variable = {
  name: "model",
  label: "Model",
  series: select(GATEWAY_METRICS.endpointUp),
  values: "model",
};

export const GATEWAY_VARIABLES = targetVariables(GATEWAY_METRICS.ready);
export const ENGINE_VARIABLES = [MODEL, ...targetVariables(ENGINE_METRICS.running)];
export const GPU_VARIABLES = targetVariables(GPU_METRICS.utilization);

/**
 * Adds the label `target` for a legend: the pod in the cluster, where `instance` is an address, else the machine. A
 * legend has no "or".
 */
export function withTarget(of: Expression): Expression {
  const machine = `label_replace(${of.promql}, "target", "$1", "instance", "(.+)")`;
  return expression(`label_replace(${machine}, "target", "$1", "pod", "(.+)")`, of);
}
