import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { ENV } from "../../contract/variables";
import { type CgroupPaths, cgroupMemory } from "./cgroup-memory";
import type { CheckResult, HealthCheck } from "./health-check";

/** Largest share of memory in use, 0–1. Source: R-102. */
const MAX_MEMORY_SHARE = 0.9;
/** Smallest share of the disk that is free, 0–1. Source: as above. */
const MIN_DISK_SHARE = 0.1;

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Memory of the container where one is limited, otherwise of the machine. */
export function checkMemory(paths?: CgroupPaths): CheckResult {
  const group = cgroupMemory(paths);
  const used = group === undefined ? 1 - freemem() / totalmem() : group.used / group.limit;
  return {
    ok: used < MAX_MEMORY_SHARE,
    reason: `${percent(used)} of memory in use, limit ${percent(MAX_MEMORY_SHARE)}`,
  };
}

/** A file system that `/health` watches. */
export interface WatchedDisk {
  /** Any path on it. */
  readonly path: string;
  /** For the reason, which shows no path, e.g. `DATA_DIR`. */
  readonly name: string;
}

/** The disk that fills with what this gateway keeps; where no store is embedded, the one that it runs on. */
export function diskOf(dataDir: string, storesAreEmbedded: boolean): WatchedDisk {
  return storesAreEmbedded
    ? { path: dataDir, name: ENV.dataDir }
    : { path: process.cwd(), name: "the working directory" };
}

export async function checkDisk({ path, name }: WatchedDisk): Promise<CheckResult> {
  const { bavail, blocks } = await statfs(path);
  const free = blocks === 0 ? 1 : bavail / blocks;
  return {
    ok: free > MIN_DISK_SHARE,
    reason: `${percent(free)} of the disk of ${name} free, limit ${percent(MIN_DISK_SHARE)}`,
  };
}

/** Checks of the machine for `/health`. */
export function machineChecks(disk: WatchedDisk): HealthCheck[] {
  return [
    { name: "memory", check: async () => checkMemory() },
    { name: "disk", check: () => checkDisk(disk) },
  ];
}
