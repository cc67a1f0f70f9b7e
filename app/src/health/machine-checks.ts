import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";

/** The outcome of one check. */
export interface CheckResult {
  readonly ok: boolean;
  /** What was measured, with its limit. */
  readonly reason: string;
}

/** Largest share of memory in use, 0–1. Source: specification §6 (the third document gives no limit). */
const MAX_MEMORY_SHARE = 0.9;
/** Smallest share of the disk that is free, 0–1. Source: as above. */
const MIN_DISK_SHARE = 0.1;

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Memory of the container where one is limited, otherwise of the machine. */
export function checkMemory(): CheckResult {
  const machine = totalmem();
  const limit = process.constrainedMemory();
  // Without a control group limit the kernel reports 0 or an absurdly large number.
  const limited = limit > 0 && limit < machine;
  const used = limited ? 1 - process.availableMemory() / limit : 1 - freemem() / machine;
  return {
    ok: used < MAX_MEMORY_SHARE,
    reason: `${percent(used)} of memory in use, limit ${percent(MAX_MEMORY_SHARE)}`,
  };
}

/** The file system that holds `path`. */
export async function checkDisk(path: string): Promise<CheckResult> {
  const { bavail, blocks } = await statfs(path);
  const free = blocks === 0 ? 1 : bavail / blocks;
  return { ok: free > MIN_DISK_SHARE, reason: `${percent(free)} of the disk free, limit ${percent(MIN_DISK_SHARE)}` };
}
