import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "@jest/globals";

/** A disk of its own, in memory. */
export interface SmallDisk {
  readonly path: string;
  /** Takes what is free, but for so many bytes. */
  fill(leaveBytes?: number): void;
  /** Gives that back. */
  empty(): void;
  close(): void;
}

/** @throws where this process may not mount, as one without root's rights */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "terrace-test-disk-"));
  // Others may pass through: root's PostgreSQL is another account.
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0711`, "tmpfs", path], { stdio: "pipe" });
  chmodSync(path, 0o711);
  const filler = join(path, "filler");
  return {
    path,
    fill(leaveBytes = 0) {
      const file = openSync(filler, "a");
      const page = Buffer.alloc(4096);
      const { bavail, bsize } = statfsSync(path);
      for (let left = bavail * bsize - leaveBytes; left >= page.length; left -= page.length) writeSync(file, page);
      closeSync(file);
    },
    empty: () => rmSync(filler, { force: true }),
    close() {
      execFileSync("umount", ["--lazy", path]);
      rmSync(path, { recursive: true });
    },
  };
}

/** `it` where a disk can be mounted; elsewhere skipped, with a line that says so. */
export function itWithSmallDisk(): typeof it | typeof it.skip {
  try {
    mountSmallDisk(1).close();
    return it;
  } catch {
    process.stderr.write("did not run: checks on a full disk, which mount one: they need root's rights\n");
    return it.skip;
  }
}
