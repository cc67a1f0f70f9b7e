import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { BackupError } from "../../../src/jobs/backup/backup-error";
import { BucketDestination } from "../../../src/jobs/backup/bucket/bucket-destination";
import type { BackupDestination } from "../../../src/jobs/backup/destination";
import { FolderDestination } from "../../../src/jobs/backup/folder-destination";
import { GoogleClient } from "../../../src/jobs/google/google-client";
import { startStorage } from "../../support/storage";

const UNIT = 256 * 1024;

async function* pieces(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** Bytes that differ from place to place, so that none can be lost or doubled unseen. */
function bytes(length: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => index * 2_654_435_761).buffer,
    0,
    length,
  );
}

async function read(destination: BackupDestination, name: string): Promise<Buffer> {
  return buffer(destination.read(name));
}

function contract(open: () => BackupDestination): void {
  it("returns what was written, under its name, and deletes it", async () => {
    const destination = open();
    await destination.write("a/one", pieces("he", "llo"));
    await destination.write("a/two", pieces());
    await destination.write("b/one", pieces("x"));
    for (const index of [1, 2, 3, 4]) await destination.write(`c/${index}`, pieces("y"));
    expect((await read(destination, "a/one")).toString()).toBe("hello");
    expect(await read(destination, "a/two")).toHaveLength(0);
    const names = async () => (await destination.list()).map(({ name }) => name).sort();
    expect(await names()).toEqual(["a/one", "a/two", "b/one", "c/1", "c/2", "c/3", "c/4"]);
    expect((await destination.list()).find(({ name }) => name === "a/one")?.bytes).toBe(5);
    await destination.delete("a/one");
    await destination.delete("a/one");
    expect(await names()).not.toContain("a/one");
  });

  it("names an object that is not there", async () => {
    await expect(read(open(), "no/such")).rejects.toThrow(/^there is no no\/such in /);
    await expect(read(open(), "no/such")).rejects.toBeInstanceOf(BackupError);
  });

  it("refuses to replace an object", async () => {
    const destination = open();
    await destination.write("a/once", pieces("first"));
    await expect(destination.write("a/once", pieces("second"))).rejects.toThrow();
    expect((await read(destination, "a/once")).toString()).toBe("first");
  });

  it("lists no object whose content broke off", async () => {
    const destination = open();
    async function* broken() {
      yield bytes(3 * UNIT);
      throw new Error("the source broke off");
    }
    await expect(destination.write("a/broken", broken())).rejects.toThrow("the source broke off");
    expect((await destination.list()).map(({ name }) => name)).not.toContain("a/broken");
  });
}

describe("FolderDestination", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "terrace-backups-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  contract(() => new FolderDestination(join(folder, "deep", "er")));

  it("has no backups where the folder does not exist", async () => {
    expect(await new FolderDestination(join(folder, "none")).list()).toEqual([]);
  });

  it("removes the folder with its last file, and leaves nothing half written", async () => {
    const destination = new FolderDestination(folder);
    await destination.write("a/one", pieces("x"));
    expect(await readdir(join(folder, "a"))).toEqual(["one"]);
    await destination.delete("a/one");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("BucketDestination", () => {
  let storage: Awaited<ReturnType<typeof startStorage>>;
  beforeAll(async () => {
    storage = await startStorage();
  });
  afterAll(() => storage.close());
  beforeEach(() => {
    storage.objects.clear();
    for (const fault of Object.keys(storage.faults)) Reflect.deleteProperty(storage.faults, fault);
  });

  function open(prefix = "production"): BucketDestination {
    const tokens = { current: async () => ({ text: "token-1", expiresAt: Number.POSITIVE_INFINITY }) };
    const client = new GoogleClient({ tokens, retryMs: 1 });
    return new BucketDestination({ client, storageUrl: storage.url, bucket: "backups", prefix, chunkBytes: UNIT });
  }

  contract(open);

  it("stays within its prefix", async () => {
    await open("production").write("a", pieces("x"));
    await open("production-2").write("b", pieces("y"));
    expect((await open("production").list()).map(({ name }) => name)).toEqual(["a"]);
    expect([...storage.objects.keys()]).toEqual(["production/a", "production-2/b"]);
    expect(open("production").address).toBe("gs://backups/production");
    expect(open("").address).toBe("gs://backups");
  });

  it("stores content of every length, in pieces of every length", async () => {
    const lengths = fc.oneof(fc.constantFrom(0, 1, UNIT - 1, UNIT, UNIT + 1, 2 * UNIT, 3 * UNIT + 7), fc.nat(4 * UNIT));
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 3 * UNIT }), async (length, step) => {
        storage.objects.clear();
        const content = bytes(length);
        async function* stepped() {
          for (let at = 0; at < length; at += step) yield content.subarray(at, at + step);
        }
        await open().write("any", stepped());
        expect(storage.objects.get("production/any")?.equals(content)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 1, UNIT / 2, UNIT - 1])(
    "resumes an upload whose connection broke %i bytes into a chunk",
    async (after) => {
      const content = bytes(5 * UNIT + 11);
      async function* whole() {
        yield content.subarray(0, 2 * UNIT);
        storage.faults.breakUploadAfter = after;
        yield content.subarray(2 * UNIT);
      }
      await open().write("broken", whole());
      expect(storage.faults.breakUploadAfter).toBeUndefined();
      expect(storage.objects.get("production/broken")?.equals(content)).toBe(true);
    },
  );

  it("fails, and lists no object, where the upload session is lost", async () => {
    async function* whole() {
      yield bytes(2 * UNIT);
      storage.faults.forgetSessions = true;
      yield bytes(2 * UNIT);
    }
    await expect(open().write("forgotten", whole())).rejects.toThrow("410 Gone");
    expect(storage.objects.size).toBe(0);
  });

  it("resumes a download where its connection broke", async () => {
    const content = bytes(3 * UNIT);
    await open().write("down", pieces(content));
    storage.faults.breakDownloadAfter = UNIT + 5;
    expect((await read(open(), "down")).equals(content)).toBe(true);
    expect(storage.faults.breakDownloadAfter).toBeUndefined();
  });

  it("retries while the service is unavailable, and gives up after five tries", async () => {
    storage.faults.unavailable = 4;
    await open().write("late", pieces("x"));
    expect((await read(open(), "late")).toString()).toBe("x");
    storage.faults.unavailable = 5;
    await expect(open().list()).rejects.toThrow("503 Backend Error");
  });

  it("names the bucket's own retention where it keeps an object", async () => {
    await open().write("kept", pieces("x"));
    storage.faults.retention = true;
    await expect(open().delete("kept")).rejects.toThrow(
      /^gs:\/\/backups\/production keeps kept: .*403 Object is subject to bucket's retention policy$/,
    );
  });
});
