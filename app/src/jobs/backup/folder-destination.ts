import { randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { errorCode } from "../../shared/error-code";
import { BackupError } from "./backup-error";
import type { BackupDestination, StoredObject } from "./destination";
import { freeBytes } from "./disk-room";
import { megabytes } from "./report";

/** No space on the disk, or none left of the account's quota. */
const NO_SPACE: readonly unknown[] = ["ENOSPC", "EDQUOT"];
/** Ends the names of files that are still being written. */
const PARTIAL = ".partial";

/** Backups in a folder of this machine, for a disk that is mounted there. */
export class FolderDestination implements BackupDestination {
  readonly address: string;

  constructor(folder: string) {
    this.address = resolve(folder);
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.address, name);
    const partial = `${path}.${randomBytes(4).toString("hex")}${PARTIAL}`;
    let written = 0;
    let free = 0;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      free = await freeBytes(this.address);
      const file = await open(partial, "wx", 0o600);
      try {
        for await (const chunk of content) {
          written += chunk.length;
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      if (existsSync(path)) throw new Error(`${path} is there already`);
      await rename(partial, path);
    } catch (thrown) {
      if (!NO_SPACE.includes(errorCode(thrown))) throw thrown;
      throw new BackupError(
        `no space left on ${this.address} for ${name}: needs more than ${megabytes(written)}, free ${megabytes(free)}`,
      );
    } finally {
      await rm(partial, { force: true });
    }
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    try {
      yield* createReadStream(join(this.address, name));
    } catch (thrown) {
      if (errorCode(thrown) === "ENOENT") throw new BackupError(`there is no ${name} in ${this.address}`);
      throw thrown;
    }
  }

  async list(): Promise<readonly StoredObject[]> {
    const entries = await readdir(this.address, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
      if (errorCode(thrown) === "ENOENT") return [];
      throw thrown;
    });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(PARTIAL));
    return Promise.all(
      files.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { name: relative(this.address, path).split(sep).join("/"), bytes: (await stat(path)).size };
      }),
    );
  }

  async delete(name: string): Promise<void> {
    const path = join(this.address, name);
    await rm(path, { force: true });
    // Goes with its last file.
    if (dirname(path) !== this.address) await rmdir(dirname(path)).catch(() => {});
  }
}
