import type { PanelUnit } from "./dashboard";

/**
 * Grafana's id of a unit; `suffix:` is its own way of naming one that it does not have.
 * Source: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
 */
export const GRAFANA_UNITS: Readonly<Record<PanelUnit, string>> = {
  celsius: "celsius",
  count: "short",
  dollars: "currencyUSD",
  duration: "dtdurations",
  "gpu hours": "suffix: GPU h",
  mebibytes: "mbytes",
  "per second": "suffix:/s",
  percent: "percent",
  ratio: "percentunit",
  "requests per second": "reqps",
  seconds: "s",
  state: "short",
  "tokens per second": "suffix: tok/s",
  watts: "watt",
};
