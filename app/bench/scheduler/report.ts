import { renderTable } from "../../../reporting/table";
import { BASE, SUBJECT } from "./policies";
import { meanOf, type Statistics } from "./statistics";
import { promptLength, type Trace } from "./trace";

/** Targets: the larger gain in TTFT of R-28, and a larger share within the SLA than its 92 %. */
const TARGETS = { sla: 0.95, shortTtftChange: -0.4, worstWaitRatio: 1.5 };

/** What each policy made of one trace. */
export type PolicyResults = ReadonlyMap<string, Statistics>;

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(2);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Heading and text of each figure. */
const COLUMNS: readonly (readonly [string, (it: Statistics) => string])[] = [
  ["SLA", (it) => percent(it.sla)],
  ["of all", (it) => percent(it.slaOfAll)],
  ["short mean", (it) => seconds(it.short.mean)],
  ["p50", (it) => seconds(it.short.p50)],
  ["p95", (it) => seconds(it.short.p95)],
  ["p99", (it) => seconds(it.short.p99)],
  ["long mean", (it) => seconds(it.long.mean)],
  ["p50", (it) => seconds(it.long.p50)],
  ["p95", (it) => seconds(it.long.p95)],
  ["p99", (it) => seconds(it.long.p99)],
  ["batch mean", (it) => seconds(it.batch.mean)],
  ["p99", (it) => seconds(it.batch.p99)],
  ["worst wait", (it) => seconds(it.worstWait)],
  ["of batch", (it) => seconds(it.worstBatchWait)],
  ["goodput/s", (it) => it.goodput.toFixed(0)],
  ["cached", (it) => percent(it.cached)],
];

/** The policies side by side. */
export function resultsTable(results: PolicyResults): string {
  return renderTable(
    ["seconds to the first token", ...COLUMNS.map(([heading]) => heading)],
    [...results].map(([policy, statistics]) => [policy, ...COLUMNS.map(([, text]) => text(statistics))]),
  );
}

/** How many requests of each task there are, and how long their prompts. */
export function describeTrace({ requests }: Trace): string {
  const tasks = [...new Set(requests.map(({ task }) => task))].sort();
  const mix = tasks.map((task) => {
    const lengths = requests.filter((request) => request.task === task).map(promptLength);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    return `${lengths.length} ${task} of ${Math.round(mean)} tokens`;
  });
  return `${requests.length} requests: ${mix.join(", ")}`;
}

/** What each policy made of all traces, on average. */
export function meanOfResults(rounds: readonly PolicyResults[]): PolicyResults {
  const policies = [...(rounds[0]?.keys() ?? [])];
  return new Map(policies.map((policy) => [policy, meanOf(rounds.flatMap((results) => results.get(policy) ?? []))]));
}

/** The subject against the base, on one trace. The worst wait is of all requests, batch included. */
function compare(results: PolicyResults) {
  const base = results.get(BASE);
  const subject = results.get(SUBJECT);
  if (base === undefined || subject === undefined) throw new Error(`${BASE} or ${SUBJECT} was not run`);
  const worst = ({ worstWait, worstBatchWait }: Statistics) => Math.max(worstWait, worstBatchWait);
  return {
    slaFifo: base.sla,
    sla: subject.sla,
    shortTtftChange: subject.short.mean / base.short.mean - 1,
    worstWaitRatio: worst(subject) / worst(base),
  };
}

/** What came of all traces together, and the line for machines. */
export function summaryText(rounds: readonly PolicyResults[]): string {
  const compared = rounds.map(compare);
  const column = (of: (one: ReturnType<typeof compare>) => number) => {
    const values = compared.map(of).sort((a, b) => a - b);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, lowest: values[0] ?? mean, highest: values.at(-1) ?? mean };
  };
  const slaFifo = column((one) => one.slaFifo);
  const sla = column((one) => one.sla);
  const shortTtftChange = column((one) => one.shortTtftChange);
  const worstWaitRatio = column((one) => one.worstWaitRatio);
  const line = (name: string, { mean, lowest, highest }: typeof sla, target: string) => [
    name,
    ...[mean, lowest, highest].map((value) => value.toFixed(3)),
    target,
  ];
  const table = renderTable(
    [`${SUBJECT} against ${BASE}, traces: ${rounds.length}`, "mean", "lowest", "highest", "asked for"],
    [
      line("SLA of FIFO", slaFifo, "0.85, sets the load"),
      line("SLA", sla, `${TARGETS.sla} or more`),
      line("mean TTFT of short requests, change", shortTtftChange, `${TARGETS.shortTtftChange} or less`),
      line("worst wait, ratio", worstWaitRatio, `${TARGETS.worstWaitRatio} or less`),
    ],
  );
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  const json = JSON.stringify({
    bench: "scheduler",
    sla_fifo: round(slaFifo.mean),
    sla: round(sla.mean),
    short_ttft_change: round(shortTtftChange.mean),
    worst_wait_ratio: round(worstWaitRatio.mean),
  });
  return `${table}\n${json}`;
}
