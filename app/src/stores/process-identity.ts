import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { errorCode } from "../shared/error-code";

/** Whether a process of this id runs. One that has ended, and that its parent has not taken note of, does not. */
export function isAlive(pid: number): boolean {
  // Signals to 0 and below go to whole groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // Not permitted to signal it: so it is there.
    if (errorCode(thrown) !== "EPERM") return false;
  }
  return statOf(pid)[STATE] !== "Z";
}

/**
 * When a process started, in clock ticks since boot, so that another process that got the same id later is not
 * mistaken for it.
 * Empty where the system has no `/proc`.
 */
export function startOf(pid: number): string {
  return statOf(pid)[START] ?? "";
}

/** The command line that a process was started with; empty where it is gone or cannot be read. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return process.platform === "linux" ? "" : commandByPs(pid);
  }
}

/** Where there is no /proc, as on macOS. */
function commandByPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

/** Places in what {@link statOf} returns: fields 3 and 22 of proc(5). */
const STATE = 0;
const START = 19;

/**
 * Linux's `/proc/<pid>/stat`, from the process's state on; empty where the system is another, or the process is gone.
 */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, field 2, is in brackets and may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
