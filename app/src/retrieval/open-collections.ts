import { storedName } from "./collection-checks";
import type { CollectionSpec, VectorCollection } from "./vector-store";

/** The open collections of a store: each is opened once, however many callers want it at the same time. */
export class OpenCollections<Collection extends VectorCollection> {
  readonly #open: (name: string, spec: CollectionSpec) => Promise<Collection>;
  readonly #byName = new Map<string, Promise<Collection>>();

  constructor(open: (name: string, spec: CollectionSpec) => Promise<Collection>) {
    this.#open = open;
  }

  get(spec: CollectionSpec): Promise<Collection> {
    const name = storedName(spec);
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const opening = this.#open(name, spec);
    this.#byName.set(name, opening);
    // The store may be back at the next call.
    opening.catch(() => this.#byName.delete(name));
    return opening;
  }

  /** The next call opens it again. */
  forget(name: string): void {
    this.#byName.delete(name);
  }

  clear(): void {
    this.#byName.clear();
  }

  /** Resolves with those that opened, once none is opening any more. */
  async settled(): Promise<readonly Collection[]> {
    const openings = await Promise.allSettled(this.#byName.values());
    return openings.flatMap((opening) => (opening.status === "fulfilled" ? [opening.value] : []));
  }
}
