import type { Filter } from "./filter";

/** A stored text's metadata. A type, not an interface: LangChain requires an index signature. */
export type PassageMetadata = {
  readonly user: string;
  /** Names of the repositories that it is about. */
  readonly repo: readonly string[];
  /** ISO date of the day that it is about. */
  readonly date: string;
  /** Kind of text, e.g. `commit`. */
  readonly domain: string;
  readonly language: "ko" | "en";
  readonly title: string;
};

/** A stored text that retrieval found. */
export interface Passage {
  /** UUID of the text's row. */
  readonly id: string;
  /** Calibrated cosine to the query, -1 to 1. */
  readonly score: number;
  readonly text: string;
  readonly metadata: PassageMetadata;
}

/** A retrieval on behalf of a request. */
export interface ContextQuery {
  readonly text: string;
  /** Whose texts may be found. Required: one user's texts must never be in another's prompt. */
  readonly user: string;
  /** Further limits, on the fields of {@link PassageMetadata}. @default none */
  readonly filter?: Filter | undefined;
  /** Most texts to look at. @default `TOP_K` */
  readonly k?: number | undefined;
  /** Ids of texts that are not to be found, such as the one that the request is about. @default none */
  readonly except?: readonly string[] | undefined;
}
