import type { PanelUnit } from "../../observability/dashboards/dashboard";

/** A unit's name, and how many of the one before it make one. */
type Scale = readonly (readonly [factor: number, suffix: string])[];

const SHORT: Scale = [
  [1, ""],
  [1e3, " K"],
  [1e6, " Mil"],
];
const SECONDS: Scale = [
  [1e-6, " µs"],
  [1e-3, " ms"],
  [1, " s"],
  [60, " min"],
];
const DURATION: Scale = [
  [1, " s"],
  [60, " min"],
  [3_600, " hours"],
  [86_400, " days"],
];
const MEBIBYTES: Scale = [
  [1, " MiB"],
  [1_024, " GiB"],
];

function rounded(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  return String(Number(value.toPrecision(3)));
}

/** In the largest unit of the scale of which there is at least one. */
function scaled(value: number, scale: Scale, decimals: number | undefined): string {
  if (value === 0) return `0${scale.find(([factor]) => factor === 1)?.[1] ?? ""}`;
  const fitting = scale.filter(([factor]) => Math.abs(value) >= factor).at(-1) ?? scale[0];
  if (fitting === undefined) return rounded(value, decimals);
  return `${rounded(value / fitting[0], decimals)}${fitting[1]}`;
}

type Writer = (value: number, decimals: number | undefined) => string;
const withSuffix =
  (suffix: string): Writer =>
  (value, decimals) =>
    `${scaled(value, SHORT, decimals)}${suffix}`;

const WRITERS: Readonly<Record<PanelUnit, Writer>> = {
  celsius: withSuffix(" °C"),
  count: withSuffix(""),
  dollars: (value, decimals) => `$${rounded(value, decimals)}`,
  duration: (value, decimals) => scaled(value, DURATION, decimals),
  "gpu hours": withSuffix(" GPU h"),
  mebibytes: (value, decimals) => scaled(value, MEBIBYTES, decimals),
  "per second": withSuffix("/s"),
  percent: withSuffix("%"),
  ratio: (value, decimals) => `${rounded(value * 100, decimals)}%`,
  "requests per second": withSuffix(" req/s"),
  seconds: (value, decimals) => scaled(value, SECONDS, decimals),
  state: (value) => (value === 1 ? "up" : value === 0 ? "down" : rounded(value, 2)),
  "tokens per second": withSuffix(" tok/s"),
  watts: withSuffix(" W"),
};

/** A number as Grafana writes it in this unit. */
export function valueText(value: number, unit: PanelUnit, decimals?: number): string {
  if (!Number.isFinite(value)) return "NaN";
  return WRITERS[unit](value, decimals);
}
