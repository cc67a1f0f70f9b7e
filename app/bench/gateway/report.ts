import { median } from "../../../reporting/median";
import { renderTable } from "../../../reporting/table";
import type { Latency, Throughput } from "./measure";

/** Targets of the bench. */
const TARGETS = { vsFastApi: 6, vsBareNode: 0.6 };

/** All rounds of one subject, in their order. */
export interface Measured {
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
}

export interface Measurements {
  readonly direct: Measured;
  readonly gateway: Measured;
  readonly logging: Measured;
  readonly bare: Measured;
  /** Absent where Python could not be had. */
  readonly fastapi?: Measured | undefined;
}

const NAMES: Readonly<Record<keyof Measurements, string>> = {
  direct: "simulator, directly",
  bare: "bare Node proxy",
  gateway: "gateway",
  logging: "gateway, each request logged",
  fastapi: "FastAPI with uvicorn",
};

/** The tables, and the line for machines. */
export function report(results: Measurements): string {
  const { direct, gateway, logging, bare, fastapi } = results;
  const vsBare = ratio(gateway, bare);
  const vsFastApi = fastapi && ratio(gateway, fastapi);
  const added = addedLatency(gateway, direct);
  const ratios = renderTable(
    ["streamed answers a CPU second, ratio of each round", "median", "range", "asked for"],
    [
      ratioRow("gateway to bare Node proxy", vsBare, TARGETS.vsBareNode),
      ratioRow("the same, each request logged", ratio(logging, bare), undefined),
      ...(vsFastApi === undefined ? [] : [ratioRow("gateway to FastAPI", vsFastApi, TARGETS.vsFastApi)]),
    ],
  );
  const json = JSON.stringify({
    bench: "gateway",
    vs_fastapi: vsFastApi === undefined ? null : rounded(median(vsFastApi)),
    vs_bare_node: rounded(median(vsBare)),
    added_p50_ms: rounded(added.p50),
    added_p99_ms: rounded(added.p99),
  });
  return [throughputTable(results), latencyTable(results), ratios, json].join("\n\n");
}

function throughputTable(results: Measurements): string {
  const rows = subjectsOf(results).map(([name, { throughput }]) => {
    const perCpu = throughput.map((run) => run.requestsPerCpuSecond);
    return [
      name,
      median(throughput.map((run) => run.requestsPerSecond)).toFixed(0),
      median(throughput.map((run) => run.cores)).toFixed(2),
      median(perCpu).toFixed(0),
      range(perCpu, 0),
      (1_000 / median(perCpu)).toFixed(2),
    ];
  });
  return renderTable(["under load", "answers/s", "cores", "answers/CPU s", "range", "CPU ms an answer"], rows);
}

function latencyTable(results: Measurements): string {
  const rows = subjectsOf(results).map(([name, measured]) => {
    const of = (pick: (run: Latency) => number) => median(measured.latency.map(pick));
    const added = addedLatency(measured, results.direct);
    const values = [of((run) => run.firstP50), of((run) => run.p50), of((run) => run.p99), added.p50, added.p99];
    return [name, ...values.map((value) => value.toFixed(2))];
  });
  const header = ["one at a time, ms", "first event p50", "whole p50", "whole p99", "added p50", "added p99"];
  return renderTable(header, rows);
}

function subjectsOf(results: Measurements): (readonly [string, Measured])[] {
  const keys = ["direct", "bare", "gateway", "logging", "fastapi"] as const;
  return keys.flatMap((key) => {
    const measured = results[key];
    return measured === undefined ? [] : [[NAMES[key], measured] as const];
  });
}

/** Round by round, so that what else the machine did meets both sides. */
function ratio(subject: Measured, base: Measured): number[] {
  return subject.throughput.map(
    ({ requestsPerCpuSecond }, round) =>
      requestsPerCpuSecond / (base.throughput[round]?.requestsPerCpuSecond ?? Number.NaN),
  );
}

function addedLatency(subject: Measured, direct: Measured): { readonly p50: number; readonly p99: number } {
  const added = (pick: (run: Latency) => number) =>
    median(
      subject.latency.map((run, round) => {
        const base = direct.latency[round];
        return base === undefined ? Number.NaN : pick(run) - pick(base);
      }),
    );
  return { p50: added((run) => run.p50), p99: added((run) => run.p99) };
}

function ratioRow(name: string, ratios: readonly number[], target: number | undefined): string[] {
  return [name, median(ratios).toFixed(2), range(ratios, 2), target === undefined ? "" : `${target} or more`];
}

function range(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
