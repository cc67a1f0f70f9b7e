import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Bytes. */
export interface MemoryUse {
  readonly used: number;
  readonly limit: number;
}

/** Where to look; the defaults are Linux's. */
export interface CgroupPaths {
  /** @default /sys/fs/cgroup */
  readonly root?: string;
  /** @default /proc/self/cgroup */
  readonly self?: string;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

/**
 * Memory of the tightest control group (version 2) that this process is in, without the file pages that the kernel would
 * give back first: as Kubernetes counts a pod's working set. Counting them would call every container that has read a
 * large file full.
 * @returns undefined where no group of version 2 limits memory
 */
export function cgroupMemory({
  root = "/sys/fs/cgroup",
  self = "/proc/self/cgroup",
}: CgroupPaths = {}): MemoryUse | undefined {
  const own = /^0::(\/.*)$/m.exec(read(self) ?? "")?.[1];
  if (own === undefined) return undefined;
  const limited: MemoryUse[] = [];
  // A container sees its own group as the root; outside one, any ancestor may have a limit.
  for (let path = own; ; path = dirname(path)) {
    const use = memoryOf(join(root, path));
    if (use !== undefined) limited.push(use);
    if (path === "/") break;
  }
  return limited.sort((a, b) => b.used / b.limit - a.used / a.limit)[0];
}

function memoryOf(folder: string): MemoryUse | undefined {
  const limit = Number(read(join(folder, "memory.max")));
  const current = Number(read(join(folder, "memory.current")));
  // "max" is no limit, and NaN here.
  if (!(limit > 0) || !Number.isFinite(current)) return undefined;
  const inactive = /^inactive_file (\d+)$/m.exec(read(join(folder, "memory.stat")) ?? "")?.[1];
  return { used: Math.max(0, current - Number(inactive ?? 0)), limit };
}
