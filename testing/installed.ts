import { spawnSync } from "node:child_process";

/** Whether a program is on the PATH. */
export function installed(program: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'command -v -- "$1"', "sh", program]).status === 0;
}
