import { storedName } from "../../../retrieval/collection-checks";
import type { CollectionSpec, VectorCollection, VectorStore } from "../../../retrieval/vector-store";
import { BackupError } from "../backup-error";
import { addPoints, copyPoints } from "./points-archive";
import type { AliasAction, QdrantAdmin } from "./qdrant-admin";
import {
  type ArchiveWork,
  type CopiedCollection,
  isStaged,
  newStagedSpec,
  replacedName,
  type StagedCollection,
  type VectorArchive,
} from "./vector-archive";

/**
 * Qdrant's collections, each an alias on a collection of another name. A single node is copied by its own snapshots,
 * index included; of a cluster, where a snapshot holds one node's shards alone, the points are copied.
 */
export class QdrantArchive implements VectorArchive {
  readonly store: VectorStore;
  readonly #admin: QdrantAdmin;

  constructor(store: VectorStore, admin: QdrantAdmin) {
    this.store = store;
    this.#admin = admin;
  }

  async copy(work: ArchiveWork): Promise<CopiedCollection> {
    const nodes = await this.#admin.nodes();
    if (nodes === 1) return this.#copySnapshot(work);
    work.report.line(`  ${work.spec.name}: ${nodes} nodes, copied point by point`);
    return copyPoints(this.store, work);
  }

  async #copySnapshot({ spec, parts, report }: ArchiveWork): Promise<CopiedCollection> {
    // Makes the collection where nothing was written yet.
    const collection = await this.store.collection(spec);
    const physical = (await this.#admin.aliases()).get(storedName(spec)) ?? storedName(spec);
    const before = await collection.count();
    const { name, checksum } = await this.#admin.createSnapshot(physical);
    try {
      const after = await collection.count();
      const content = report.bytes(this.#admin.readSnapshot(physical, name), `${spec.name}: snapshot copied`);
      const part = await parts.write(`vectors.${storedName(spec)}.snapshot`, content);
      if (checksum !== undefined && checksum !== null && checksum !== part.sha256) {
        throw new BackupError(`${spec.name}: Qdrant's snapshot has SHA-256 ${checksum}, what came ${part.sha256}`);
      }
      const points = { least: Math.min(before, after), most: Math.max(before, after) };
      return { format: "qdrant-snapshot", part, points };
    } finally {
      // It would stay on Qdrant's disk.
      await this.#admin.deleteSnapshot(physical, name).catch(() => {});
    }
  }

  async stage(work: ArchiveWork & { readonly copied: CopiedCollection }): Promise<StagedCollection> {
    const { spec } = work;
    await this.dropStaged(spec);
    const staged = newStagedSpec(spec);
    const collection = await this.#restored(staged, work);
    return { collection, swap: () => this.#swap(spec, staged), drop: () => this.dropStaged(spec) };
  }

  async #restored(
    staged: CollectionSpec,
    work: ArchiveWork & { readonly copied: CopiedCollection },
  ): Promise<VectorCollection> {
    const { copied, parts, report, spec } = work;
    if (copied.format === "points") return addPoints(this.store, staged, work);
    // As the store names what it makes itself.
    const alias_name = storedName(staged);
    const collection_name = `${alias_name}.1`;
    const content = report.bytes(parts.read(copied.part), `${spec.name}: snapshot restored`);
    await this.#admin.recover(collection_name, content, copied.part.sha256);
    await this.#admin.changeAliases([{ create_alias: { alias_name, collection_name } }]);
    return this.store.collection(staged);
  }

  async dropStaged(spec: CollectionSpec): Promise<void> {
    const aliases = await this.#admin.aliases();
    const kept = [aliases.get(storedName(spec)), aliases.get(replacedName(spec))];
    const left = (await this.#admin.collections()).filter((name) => isStaged(name, spec) && !kept.includes(name));
    // An alias goes with its collection.
    for (const name of left) await this.#admin.deleteCollection(name);
  }

  /** All aliases change at once: a gateway finds the one collection or the other. */
  async #swap(spec: CollectionSpec, staged: CollectionSpec): Promise<void> {
    const aliases = await this.#admin.aliases();
    const live = storedName(spec);
    const replaced = replacedName(spec);
    const current = aliases.get(live);
    const previous = aliases.get(replaced);
    const restored = aliases.get(storedName(staged));
    if (restored === undefined) throw new BackupError(`${spec.name}: what was restored is gone`);
    const actions: AliasAction[] = [
      ...(current === undefined ? [] : [{ delete_alias: { alias_name: live } }]),
      { create_alias: { alias_name: live, collection_name: restored } },
      { delete_alias: { alias_name: storedName(staged) } },
      ...(previous === undefined || current === undefined ? [] : [{ delete_alias: { alias_name: replaced } }]),
      ...(current === undefined ? [] : [{ create_alias: { alias_name: replaced, collection_name: current } }]),
    ];
    await this.#admin.changeAliases(actions);
    if (previous !== undefined && current !== undefined) await this.#admin.deleteCollection(previous);
  }
}
