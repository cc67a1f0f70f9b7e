import type { AnyAdapter } from "./adapter";
import type { AdapterRepository } from "./adapter-repository";
import { Selection } from "./selection";

/**
 * This process's copy of the active adapters, so that choosing one queries no database. The copy follows the database
 * by its revision: polled every few seconds rather than pushed by LISTEN/NOTIFY, which needs a connection of its own
 * that poolers cut and that misses what happens while it is away. A database that does not answer leaves the copy as
 * it was.
 */
export class AdapterRegistry {
  readonly #repository: AdapterRepository;
  #selection: Selection | undefined;
  #revision = -1;
  #known: ReadonlyMap<string, AnyAdapter> = new Map();

  constructor(repository: AdapterRepository) {
    this.#repository = repository;
  }

  /** undefined until the database was read once. */
  get selection(): Selection | undefined {
    return this.#selection;
  }

  /** A registered adapter in whichever state, as far as was read. */
  find(name: string): AnyAdapter | undefined {
    return this.#known.get(name);
  }

  /** Whether an adapter answers somebody, as far as was read. */
  isActive(name: string): boolean {
    return this.#selection?.find(name) !== undefined;
  }

  /** Looks for moves of pointers since the last look. @returns whether there were any */
  async follow(): Promise<boolean> {
    if ((await this.#repository.revision()) === this.#revision) return false;
    await this.read();
    return true;
  }

  /** Reads everything again. */
  async read(): Promise<void> {
    const [pointers, all] = await Promise.all([this.#repository.pointers(), this.#repository.list()]);
    // An older answer that was overtaken on its way must not undo a newer one.
    if (pointers.revision >= this.#revision) {
      this.#selection = new Selection(pointers.active);
      this.#revision = pointers.revision;
    }
    this.#known = new Map(all.map((adapter) => [adapter.name, adapter]));
  }
}
