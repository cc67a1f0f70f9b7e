import type { KnowledgeDocument } from "../../retrieval/knowledge-base";
import type { StoredTil, TilStore } from "../shared/til-store";
import { storable } from "./storable";

/** Where texts are found again by their meaning. */
export interface NoteIndex {
  /** Adds a text, or replaces the one of that id. @throws AppError STORE_UNAVAILABLE */
  add(note: KnowledgeDocument): Promise<void>;
}

export interface TilLibraryOptions {
  readonly store: TilStore;
  /** @default nothing is indexed */
  readonly index?: NoteIndex | undefined;
  /** Called with what kept a TIL from being stored or indexed, which the answer carries as a warning. */
  readonly onError: (what: "store" | "index", cause: unknown) => void;
}

/** What became of a TIL that was to be kept. */
export interface Kept {
  /** null: it is not stored. */
  readonly id: string | null;
  readonly warnings: readonly ("NOT_STORED" | "NOT_INDEXED")[];
}

/** TILs with their index. */
export class TilLibrary {
  readonly store: TilStore;
  readonly #options: TilLibraryOptions;

  constructor(options: TilLibraryOptions) {
    this.store = options.store;
    this.#options = options;
  }

  /**
   * Keeps a TIL: its row first, then its vector, so that everything that is found by its vector has a row. Never
   * fails: the client gets the text also where it cannot be kept.
   */
  async keep(written: StoredTil): Promise<Kept> {
    const { store, index, onError } = this.#options;
    const til = storable(written);
    try {
      await store.add(til);
    } catch (thrown) {
      onError("store", thrown);
      return { id: null, warnings: ["NOT_STORED"] };
    }
    try {
      await index?.add(asNote(til));
      return { id: til.id, warnings: [] };
    } catch (thrown) {
      onError("index", thrown);
      return { id: til.id, warnings: ["NOT_INDEXED"] };
    }
  }
}

/** A TIL as retrieval keeps it. */
function asNote({ id, title, content, keywords, user, repos, date, domain, language }: StoredTil): KnowledgeDocument {
  const text = [title, content, keywords.join(", ")].filter((part) => part !== "").join("\n\n");
  return { id, text, metadata: { user, repo: repos, date, domain, language, title } };
}

/** Every stored TIL as retrieval keeps it, a page at a time. */
export async function* tilNotes(store: TilStore): AsyncGenerator<readonly KnowledgeDocument[]> {
  for await (const page of store.pages()) yield page.map(asNote);
}
