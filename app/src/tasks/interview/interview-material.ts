import { AppError } from "../../shared/errors/app-error";
import { redact } from "../../shared/redaction/redactor";
import type { Note } from "../shared/prompts/prompt";
import type { StoredTil, TilStore } from "../shared/til-store";

/** What questions are about: a text of the request, a stored TIL, or the user's newest TILs. */
export type InterviewSubject =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "til"; readonly id: string }
  | { readonly kind: "stored" };

/** A text that questions may rest on. */
export interface AboutText {
  /** UUID of its row. @default it is not stored */
  readonly id?: string | undefined;
  readonly text: string;
}

export interface FoundMaterial {
  /** The one text that questions are about. @default they are about the notes */
  readonly til?: { readonly id?: string | undefined; readonly title?: string | undefined; readonly body: string };
  /** Stored notes, in case retrieval finds none. */
  readonly notes: readonly (Note & { readonly id: string })[];
  /** What to look for. */
  readonly query: string;
}

/** Newest TILs that questions are about where the request names nothing. */
const NEWEST = 5;
/** Characters of a query: embedders read 512 tokens at most. */
const QUERY_CHARS = 1_000;

/**
 * Gets the texts that questions are to be about.
 * @throws AppError 404 UNKNOWN_TIL, NO_TILS; 503 STORE_UNAVAILABLE
 */
export async function findMaterial(
  tils: TilStore,
  subject: InterviewSubject,
  user: string,
  category: string | undefined,
): Promise<FoundMaterial> {
  switch (subject.kind) {
    case "text": {
      const { texts } = await redact([subject.text]);
      const body = texts[0] ?? "";
      return { til: { body }, notes: [], query: queryOf(category, body) };
    }
    case "til": {
      const til = await tils.find(subject.id, user);
      if (til === undefined) throw new AppError("UNKNOWN_TIL", { params: { id: subject.id } });
      const { id, title, content: body } = til;
      return { til: { id, title, body }, notes: [], query: queryOf(category, `${title}\n${body}`) };
    }
    case "stored": {
      const about = category === undefined ? [] : await tils.newest(user, NEWEST, category);
      const newest = about.length > 0 ? about : await tils.newest(user, NEWEST);
      if (newest.length === 0) throw new AppError("NO_TILS", { params: { user } });
      const subjects = newest.flatMap(({ title, keywords }) => [title, ...keywords]).join("\n");
      return { notes: newest.map(asNote), query: queryOf(category, category === undefined ? subjects : "") };
    }
  }
}

function queryOf(category: string | undefined, text: string): string {
  return `${category ?? ""}\n${text.trimStart().slice(0, QUERY_CHARS)}`.trim().slice(0, QUERY_CHARS);
}

function asNote({ id, title, date, content }: StoredTil): Note & { readonly id: string } {
  return { id, title, date, text: content };
}
