import { setTimeout as delay } from "node:timers/promises";
import { Gauge, type Registry } from "prom-client";
import { METRICS } from "../../contract/metrics";
import type { BackupRecords } from "./backup-records";

/** Milliseconds between two looks at PostgreSQL: backups are made once a day. */
const LOOK_EVERY_MS = 60_000;
/** Milliseconds that a scrape waits for PostgreSQL; an answer that comes later is shown to the next one. */
const WAIT_MS = 1_000;

export interface LastBackupOptions {
  readonly records: Pick<BackupRecords, "newest">;
  /** Milliseconds of a clock that never goes back. @default `performance.now` */
  readonly now?: () => number;
  /** Milliseconds that a scrape waits. @default 1000 */
  readonly waitMs?: number;
}

/**
 * `gateway_last_backup_timestamp_seconds`: any gateway shows what the database has. While PostgreSQL is away the last
 * times stay, so that an outage does not look like a lost backup.
 */
export class LastBackup {
  readonly #records: Pick<BackupRecords, "newest">;
  readonly #now: () => number;
  readonly #waitMs: number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor({ records, now = () => performance.now(), waitMs = WAIT_MS }: LastBackupOptions) {
    this.#records = records;
    this.#now = now;
    this.#waitMs = waitMs;
  }

  register(registry: Registry): void {
    const gauge: Gauge<"kind"> = new Gauge({
      name: METRICS.lastBackup,
      help: "Unix seconds of the last backup that was verified; absent until there is one.",
      labelNames: ["kind"],
      registers: [registry],
      collect: () => this.#show(gauge),
    });
  }

  async #show(gauge: Gauge<"kind">): Promise<void> {
    if (this.#looking === undefined && this.#now() - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = this.#now();
      this.#looking = this.#look(gauge).finally(() => {
        this.#looking = undefined;
      });
    }
    if (this.#looking !== undefined)
      await Promise.race([this.#looking, delay(this.#waitMs, undefined, { ref: false })]);
  }

  async #look(gauge: Gauge<"kind">): Promise<void> {
    try {
      for (const [kind, at] of await this.#records.newest()) gauge.set({ kind }, at.getTime() / 1000);
    } catch {
      // PostgreSQL's outage is logged by the database.
    }
  }
}
