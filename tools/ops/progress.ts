/** The progress of a restart, kept in a file so that an interrupted restart can be repeated. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { OpsError } from "./ops-error";

const progressSchema = z.strictObject({
  begun: z.string(),
  /** Machine → its boot when its turn came; `null` where it was off. */
  boots: z.record(z.string(), z.string().nullable()),
  /** Machines that are through. */
  done: z.array(z.string()),
});

type ProgressState = z.output<typeof progressSchema>;

export class Progress {
  readonly #file: string;
  #state: ProgressState;

  private constructor(file: string, state: ProgressState) {
    this.#file = file;
    this.#state = state;
  }

  /**
   * The progress of an interrupted operation, or a new one.
   * @throws OpsError where the file holds something else
   */
  static open(file: string, now: Date): Progress {
    if (!existsSync(file)) return new Progress(file, { begun: now.toISOString(), boots: {}, done: [] });
    try {
      return new Progress(file, progressSchema.parse(JSON.parse(readFileSync(file, "utf8"))));
    } catch {
      throw new OpsError(`${file} cannot be read: remove it to begin anew`);
    }
  }

  /** When an interrupted operation began; `undefined` where it is new. */
  get goesOnFrom(): string | undefined {
    return existsSync(this.#file) ? this.#state.begun : undefined;
  }

  isDone(machine: string): boolean {
    return this.#state.done.includes(machine);
  }

  /** The boot that is to end, as first seen. `null`: the machine was off. */
  bootOf(machine: string): string | null | undefined {
    return this.#state.boots[machine];
  }

  begin(machine: string, bootId: string | null): void {
    this.#write({ ...this.#state, boots: { ...this.#state.boots, [machine]: bootId } });
  }

  finish(machine: string): void {
    this.#write({ ...this.#state, done: [...this.#state.done, machine] });
  }

  /** Removes the file. */
  close(): void {
    rmSync(this.#file, { force: true });
  }

  #write(state: ProgressState): void {
    this.#state = state;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, `${JSON.stringify(state, null, 2)}\n`);
  }
}
