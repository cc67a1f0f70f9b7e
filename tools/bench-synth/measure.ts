import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** One run of a command. */
export interface Measurement {
  /** Wall time from start to exit. */
  readonly seconds: number;
  /** Largest peak of resident memory that any one process of the run had, in MB of 10⁶ bytes. */
  readonly megabytes: number;
}

export interface MeasuredCommand {
  /** For `sh -c`. */
  readonly line: string;
  readonly cwd: string;
  /** Added to the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The kernel keeps each process's peak itself, so that a coarse beat misses only growth in the last moment. */
const SAMPLE_MILLISECONDS = 4;

/**
 * Runs a command once, silently, and measures the whole process tree.
 * @throws Error with the command's output where it fails; where the system has no `/proc`, as only Linux has it.
 */
export function measure({ line, cwd, variables }: MeasuredCommand): Promise<Measurement> {
  peakKilobytes(process.pid); // fails before a first run where there is no /proc
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn("sh", ["-c", line], {
      cwd,
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        words += chunk;
      });
    }
    let peak = 0;
    const sampler = setInterval(() => {
      if (child.pid !== undefined) peak = Math.max(peak, ...tree(child.pid).map(peakOrNothing));
    }, SAMPLE_MILLISECONDS);
    child.on("error", reject);
    child.on("close", (status) => {
      const seconds = (performance.now() - start) / 1000;
      clearInterval(sampler);
      if (status === 0) resolve({ seconds, megabytes: (peak * 1024) / 1e6 });
      else reject(new Error(`\`${line}\` ended with ${status}: ${words.trim()}`));
    });
  });
}

/** A process and all its descendants. */
function tree(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return [pid, ...(children === "" ? [] : children.split(" ").flatMap((child) => tree(Number(child))))];
  } catch {
    return []; // it has ended since it was listed
  }
}

/** Peak resident memory (VmHWM of proc_pid_status(5)), in KiB. */
function peakKilobytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

function peakOrNothing(pid: number): number {
  try {
    return peakKilobytes(pid);
  } catch {
    return 0; // it has ended since it was listed
  }
}
