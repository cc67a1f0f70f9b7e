import { describe, expect, it } from "@jest/globals";
import { Registry } from "prom-client";
import { METRICS } from "../../../src/contract/metrics";
import type { BackupKind } from "../../../src/jobs/backup/backup-records";
import { LastBackup } from "../../../src/jobs/backup/last-backup";

const MINUTE = 60_000;

/** The gauge over records that a test fills. */
function gauge({ waitMs = 1_000 } = {}) {
  const newest = new Map<BackupKind, Date>();
  const clock = { now: 0 };
  const state = { asked: 0, away: false, answer: Promise.resolve() };
  const registry = new Registry();
  const records = {
    newest: async () => {
      state.asked += 1;
      await state.answer;
      if (state.away) throw new Error("PostgreSQL is away");
      return newest;
    },
  };
  new LastBackup({ records, now: () => clock.now, waitMs }).register(registry);
  const lines = async () =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith(METRICS.lastBackup));
  return { newest, clock, state, lines };
}

describe("gateway_last_backup_timestamp_seconds", () => {
  it("is absent until there is one, and then shown by kind in seconds", async () => {
    const { newest, clock, lines } = gauge();
    expect(await lines()).toEqual([]);
    newest.set("database", new Date("2026-11-20T17:00:00Z"));
    clock.now += MINUTE;
    expect(await lines()).toEqual([`${METRICS.lastBackup}{kind="database"} 1795194000`]);
  });

  it("is queried once a minute, however often it is scraped", async () => {
    const { clock, state, lines } = gauge();
    for (let reads = 0; reads < 5; reads += 1) await lines();
    expect(state.asked).toBe(1);
    clock.now += MINUTE - 1;
    await lines();
    expect(state.asked).toBe(1);
    clock.now += 1;
    await Promise.all([lines(), lines()]);
    expect(state.asked).toBe(2);
  });

  it("stays while PostgreSQL is away: an outage is no lost backup", async () => {
    const { newest, clock, state, lines } = gauge();
    newest.set("vectors", new Date(1_000));
    const before = await lines();
    expect(before).toHaveLength(1);
    state.away = true;
    clock.now += MINUTE;
    expect(await lines()).toEqual(before);
    expect(state.asked).toBe(2);
  });

  it("delays no scrape while PostgreSQL does not answer, and is in the next one", async () => {
    const { newest, state, lines } = gauge({ waitMs: 5 });
    let answer = () => {};
    state.answer = new Promise((resolve) => {
      answer = resolve;
    });
    newest.set("vectors", new Date(7_000));
    expect(await lines()).toEqual([]);
    answer();
    expect(await lines()).toEqual([`${METRICS.lastBackup}{kind="vectors"} 7`]);
    expect(state.asked).toBe(1);
  });
});
