import type { Note } from "./prompt";
import { tagged } from "./prompt";

/** Earlier notes as data, nearest first. Empty where there are none. */
export function noteSections(notes: readonly Note[]): string {
  return notes.map(({ title, date, text }) => tagged("note", { title, date }, text)).join("\n");
}
