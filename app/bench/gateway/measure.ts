import type { BenchServer } from "./bench-servers";
import type { Generator } from "./generator";
import type { Said } from "./load-order";

/** One run of one subject under load. */
export interface Throughput {
  readonly requestsPerSecond: number;
  /** Streamed answers for each second of CPU time of the subject's own process. */
  readonly requestsPerCpuSecond: number;
  /** Share of the time in which its process was on a core, 1 for one core. */
  readonly cores: number;
}

/** Milliseconds of one run with one request at a time. */
export interface Latency {
  readonly firstP50: number;
  readonly p50: number;
  readonly p99: number;
}

export interface MeasureOptions {
  readonly connections: number;
  readonly seconds: number;
  /** Text that every answer must have. @default that of the first */
  readonly expected?: Said | undefined;
}

/** Keeps a subject busy. @throws Error where an answer is wrong */
export async function throughput(
  generator: Generator,
  subject: BenchServer,
  options: MeasureOptions,
): Promise<Throughput> {
  const { process } = subject;
  const before = process.cpuSeconds();
  const { requests, seconds } = await generator.run({ ...subject.order, port: process.port, ...options });
  const cpu = process.cpuSeconds() - before;
  return { requestsPerSecond: requests / seconds, requestsPerCpuSecond: requests / cpu, cores: cpu / seconds };
}

/** Sends a server one request after the other. @throws Error where an answer is wrong */
export async function latency(generator: Generator, subject: BenchServer, options: MeasureOptions): Promise<Latency> {
  const { firstMs, totalMs } = await generator.run({ ...subject.order, port: subject.process.port, ...options });
  return { firstP50: percentile(firstMs, 0.5), p50: percentile(totalMs, 0.5), p99: percentile(totalMs, 0.99) };
}

/** By nearest rank. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
