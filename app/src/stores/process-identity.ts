import { readFileSync } from "node:fs";
import { errorCode } from "./error-code";

/** Whether a process of this id lives. */
export function isAlive(pid: number): boolean {
  // Signals to 0 and below go to whole groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Not permitted to signal it: so it is there.
    return errorCode(thrown) === "EPERM";
  }
}

/**
 * When a process started, in clock ticks since boot, as Linux tells it (proc(5), field 22 of `stat`), so that another
 * process that got the same id later is told apart. Empty where the system does not tell.
 */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, field 2, stands in brackets and may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
