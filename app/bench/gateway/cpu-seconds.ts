import { readFileSync } from "node:fs";

/** Clock ticks a second in `/proc`: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/**
 * Seconds of CPU time that a process has had with all its threads, in its own code and in the kernel on its behalf:
 * `utime` and `stime` of proc_pid_stat(5).
 * @throws Error where the system has no `/proc`, as only Linux has it
 */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name is in brackets and may hold spaces; what follows begins with field 3, and utime is field 14.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
