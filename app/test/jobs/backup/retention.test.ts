import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type FoundBackup, newBackupId, takenAt } from "../../../src/jobs/backup/backup-catalogue";
import { kindsOf, type Manifest, newManifest, parseManifest } from "../../../src/jobs/backup/manifest";
import { expiredBackups } from "../../../src/jobs/backup/retention";

const DAY = 24 * 60 * 60_000;
const NOW = new Date("2026-11-21T17:00:00Z");

function manifest(id: string, kinds: readonly string[]): Manifest {
  return newManifest({
    id,
    created_at: NOW.toISOString(),
    app_version: "0.1.0",
    ...(kinds.includes("database") && { database: { steps: ["0001-tils"], tables: [] } }),
    ...(kinds.includes("vectors") && {
      vectors: { store: "qdrant", embedder: { id: "e", space: "e 1", dim: 3 }, collections: [] },
    }),
  });
}

const backup = fc
  .record({
    daysOld: fc.double({ min: 0, max: 100, noNaN: true }),
    kinds: fc.constantFrom<readonly string[]>(["database", "vectors"], ["database"], ["vectors"], []),
  })
  .map(({ daysOld, kinds }): FoundBackup => {
    const time = new Date(NOW.getTime() - daysOld * DAY);
    const id = newBackupId(time);
    const found = kinds.length === 0 ? undefined : manifest(id, kinds);
    const problem = found === undefined ? "unfinished" : undefined;
    return { id, takenAt: time, objects: [`${id}/x`], bytes: 1, manifest: found, problem };
  });

/** What any rule of retention must keep to. */
function holds(rule: typeof expiredBackups): void {
  fc.assert(
    fc.property(fc.array(backup, { maxLength: 12 }), fc.integer({ min: 1, max: 60 }), (backups, keepDays) => {
      const expired = rule(backups, { keepDays, now: NOW });
      const kept = backups.filter((one) => !expired.includes(one));
      for (const kind of ["database", "vectors"] as const) {
        const having = (one: FoundBackup) => one.manifest !== undefined && kindsOf(one.manifest).includes(kind);
        const newest = (list: readonly FoundBackup[]) =>
          Math.max(...list.filter(having).map((one) => one.takenAt.getTime()));
        // The last good one is never among what goes.
        expect(newest(kept)).toBe(newest(backups));
      }
      for (const one of expired) expect(NOW.getTime() - one.takenAt.getTime()).toBeGreaterThan(keepDays * DAY);
    }),
    { numRuns: 2_000 },
  );
}

describe("retention", () => {
  it("deletes old backups, and never the last good one of a kind", () => {
    holds(expiredBackups);
    const old = (days: number, kinds: readonly string[]): FoundBackup => {
      const time = new Date(NOW.getTime() - days * DAY);
      const id = newBackupId(time);
      return { id, takenAt: time, objects: [], bytes: 0, manifest: manifest(id, kinds), problem: undefined };
    };
    const [fresh, older, oldest] = [
      old(1, ["database"]),
      old(50, ["database", "vectors"]),
      old(90, ["database", "vectors"]),
    ];
    expect(expiredBackups([fresh, older, oldest], { keepDays: 35, now: NOW })).toEqual([oldest]);
  });

  it("would fail its checks with planted rules that forget it", () => {
    const byAge: typeof expiredBackups = (backups, { keepDays, now }) =>
      backups.filter((one) => now.getTime() - one.takenAt.getTime() > keepDays * DAY);
    expect(() => holds(byAge)).toThrow();
    // Keeps one backup, but not one of each kind.
    const newestOnly: typeof expiredBackups = (backups, options) => {
      const [newest] = [...backups]
        .filter((one) => one.manifest)
        .sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
      return byAge(backups, options).filter((one) => one !== newest);
    };
    expect(() => holds(newestOnly)).toThrow();
  });

  it("leaves a manifest alone that it cannot read", () => {
    const time = new Date(NOW.getTime() - 90 * DAY);
    const id = newBackupId(time);
    const unreadable = { id, takenAt: time, bytes: 1, manifest: undefined, problem: "format 2" };
    const rule = { keepDays: 35, now: NOW };
    expect(expiredBackups([{ ...unreadable, objects: [`${id}/manifest.json`] }], rule)).toEqual([]);
    expect(expiredBackups([{ ...unreadable, objects: [`${id}/part`] }], rule)).toHaveLength(1);
  });
});

describe("a backup's id", () => {
  it("holds its time to the millisecond, and sorts by it", () => {
    const time = fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.oneof(fc.constantFrom(1, 999, 1_000), fc.nat(10 ** 9)), (earlier, ms) => {
        const later = new Date(earlier.getTime() + ms + 1);
        expect(takenAt(newBackupId(earlier))).toEqual(earlier);
        expect(newBackupId(earlier) < newBackupId(later)).toBe(true);
      }),
    );
    expect(takenAt("lost+found")).toBeUndefined();
  });
});

describe("a manifest", () => {
  const good = manifest("20261121t170000z-abcdef", ["database", "vectors"]);
  const parse = (text: string) => parseManifest(good.id, text);

  it("is read as it was written", () => {
    expect(parse(JSON.stringify(good))).toEqual(good);
  });

  it.each([
    ["it is no JSON", "{"],
    ["created_at", JSON.stringify({ ...good, created_at: "yesterday" })],
    ["has format 2; this release reads up to 1", JSON.stringify({ ...good, format: 2 })],
    ["is that of 20260101t000000z-000000", JSON.stringify({ ...good, id: "20260101t000000z-000000" })],
    [
      "database.tables.0.part.file",
      JSON.stringify({
        ...good,
        database: {
          steps: ["0001-tils"],
          tables: [
            {
              name: "tils",
              part: {
                file: "../../etc/passwd",
                bytes: 0,
                sha256: "0".repeat(64),
                lines: 0,
                linesSha256: "0".repeat(64),
              },
            },
          ],
        },
      }),
    ],
  ])("is refused as damaged: %s", (why, text) => {
    expect(() => parse(text)).toThrow(why);
  });
});
