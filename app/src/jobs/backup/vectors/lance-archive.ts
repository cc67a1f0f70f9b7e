import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { storedName } from "../../../retrieval/collection-checks";
import type { CollectionSpec, VectorStore } from "../../../retrieval/vector-store";
import { addPoints, copyPoints } from "./points-archive";
import {
  type ArchiveWork,
  type CopiedCollection,
  isStaged,
  newStagedSpec,
  replacedName,
  type StagedCollection,
  type VectorArchive,
} from "./vector-archive";

const EXTENSION = ".lance";

/** LanceDB's tables, each a folder. The folder above is claimed, so that no gateway writes meanwhile. */
export class LanceArchive implements VectorArchive {
  readonly store: VectorStore;
  readonly #folder: string;

  constructor(store: VectorStore, folder: string) {
    this.store = store;
    this.#folder = folder;
  }

  copy(work: ArchiveWork): Promise<CopiedCollection> {
    return copyPoints(this.store, work);
  }

  async stage(work: ArchiveWork & { readonly copied: CopiedCollection }): Promise<StagedCollection> {
    const { spec } = work;
    await this.dropStaged(spec);
    const staged = newStagedSpec(spec);
    const collection = await addPoints(this.store, staged, work);
    return { collection, swap: () => this.#swap(spec, staged), drop: () => this.dropStaged(spec) };
  }

  async dropStaged(spec: CollectionSpec): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const table = name.endsWith(EXTENSION) ? name.slice(0, -EXTENSION.length) : "";
      if (isStaged(table, spec)) await rm(join(this.#folder, name), { recursive: true });
    }
  }

  /**
   * Two renames. Between them there is no table: one that ends here leaves both folders, and a gateway that starts then
   * fills a new table from PostgreSQL.
   */
  async #swap(spec: CollectionSpec, staged: CollectionSpec): Promise<void> {
    const live = this.#path(storedName(spec));
    const replaced = this.#path(replacedName(spec));
    if (existsSync(live)) {
      await rm(replaced, { recursive: true, force: true });
      await rename(live, replaced);
    }
    await rename(this.#path(storedName(staged)), live);
  }

  #path(table: string): string {
    return join(this.#folder, table + EXTENSION);
  }
}
