import {
  Celsius,
  Dollars,
  DurationSeconds,
  Mebibytes,
  Percent,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
  Watt,
} from "@grafana/grafana-foundation-sdk/units";
import type { PanelUnit } from "./dashboard";

/** Grafana's name of a unit; `suffix:` is its own way of naming one that it does not have. */
export const GRAFANA_UNITS: Readonly<Record<PanelUnit, string>> = {
  celsius: Celsius,
  count: Short,
  dollars: Dollars,
  duration: DurationSeconds,
  "gpu hours": "suffix: GPU h",
  mebibytes: Mebibytes,
  "per second": "suffix:/s",
  percent: Percent,
  ratio: PercentUnit,
  "requests per second": RequestsPerSecond,
  seconds: Seconds,
  state: Short,
  "tokens per second": "suffix: tok/s",
  watts: Watt,
};
