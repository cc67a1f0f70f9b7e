/** Prometheus' configuration on one machine: the product's rules over targets that are known by address. */
import { dump } from "js-yaml";
import type { Duration } from "../../../observability/promql/duration";

/** Something that exposes metrics here. */
export interface LocalTarget {
  /** Job under which the rules know it: `gateway`, `vllm`, `node`, … */
  readonly job: string;
  /** Which of its kind, in place of the address. */
  readonly instance: string;
  /** Host and port. */
  readonly address: string;
  /** @default /metrics */
  readonly path?: string;
}

/** A duration as Prometheus takes it. */
export type FineDuration = Duration | `${number}ms`;

export interface LocalPrometheusOptions {
  readonly targets: readonly LocalTarget[];
  /** Host and port. */
  readonly alertmanager: string;
  /** Folder of the rule files. */
  readonly rulesFolder: string;
  /** Between two scrapes of a target, and two evaluations of a rule. */
  readonly interval: FineDuration;
}

/** Value of the label `environment` in every alert. */
export const LOCAL_ENVIRONMENT = "local";

/** Contents of `prometheus.yml`. */
export function localPrometheusConfig(options: LocalPrometheusOptions): string {
  const { targets, alertmanager, rulesFolder, interval } = options;
  const config = {
    global: {
      scrape_interval: interval,
      scrape_timeout: interval,
      evaluation_interval: interval,
      external_labels: { environment: LOCAL_ENVIRONMENT },
    },
    rule_files: [`${rulesFolder}/*.yaml`],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [...jobs(targets)].map(([job, own]) => ({
      job_name: job,
      static_configs: own.map(({ instance, address, path = "/metrics" }) => ({
        targets: [address],
        // The instance is given, and so not made of the address.
        labels: { instance, __metrics_path__: path },
      })),
    })),
  };
  return dump(config, { lineWidth: -1, noRefs: true });
}

function jobs(targets: readonly LocalTarget[]): ReadonlyMap<string, readonly LocalTarget[]> {
  const names = [...new Set(targets.map(({ job }) => job))];
  return new Map(names.map((name) => [name, targets.filter(({ job }) => job === name)]));
}
