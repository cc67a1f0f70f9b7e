import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { type LoadFigures, type LoadOrder, loadFiguresSchema } from "./load-order";

/** The load generator's process. */
export class Generator {
  readonly #child: ChildProcess;

  /** @param file bundle of `load-worker.ts` */
  constructor(file: string) {
    this.#child = fork(file);
  }

  /** @throws Error where an answer is wrong */
  async run(order: LoadOrder): Promise<LoadFigures> {
    this.#child.send(order);
    const [message]: unknown[] = await once(this.#child, "message");
    return z.union([loadFiguresSchema, z.object({ error: z.string() }).transform(failed)]).parse(message);
  }

  close(): void {
    this.#child.kill();
  }
}

function failed({ error }: { readonly error: string }): never {
  throw new Error(error);
}
