import { renderTable } from "../../../reporting/table";
import { BASE, SUBJECT } from "./policies";
import { meanOf, type Statistics } from "./statistics";
import { promptLength, type Trace } from "./trace";

/** What issue 5 asks for. */
const TARGETS = { sla: 0.95, shortTtftChange: -0.4, worstWaitRatio: 1.5 };

/** What each policy made of one trace. */
export type Results = ReadonlyMap<string, Statistics>;

const HEADER = [
  "seconds to the first token",
  ...["SLA", "of all"],
  ...["short mean", "p50", "p95", "p99"],
  ...["long mean", "p50", "p95", "p99"],
  ...["batch mean", "p99"],
  ...["worst wait", "of batch", "goodput/s", "cached"],
];

/** The policies side by side. */
export function resultsTable(results: Results): string {
  return renderTable(
    HEADER,
    [...results].map(([policy, statistics]) => row(policy, statistics)),
  );
}

function row(policy: string, it: Statistics): string[] {
  const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(2);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    ...[policy, percent(it.sla), percent(it.slaOfAll)],
    ...[it.short.mean, it.short.p50, it.short.p95, it.short.p99].map(seconds),
    ...[it.long.mean, it.long.p50, it.long.p95, it.long.p99].map(seconds),
    ...[it.batch.mean, it.batch.p99, it.worstWait, it.worstBatchWait].map(seconds),
    ...[it.goodput.toFixed(0), percent(it.cached)],
  ];
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
export function meanOfResults(rounds: readonly Results[]): Results {
  const policies = [...(rounds[0]?.keys() ?? [])];
  return new Map(policies.map((policy) => [policy, meanOf(rounds.flatMap((results) => results.get(policy) ?? []))]));
}

/** The subject against the base, on one trace. The worst wait is of all requests, batch included. */
function compare(results: Results) {
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
export function summary(rounds: readonly Results[]): string {
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
