import type { Passage } from "../../../retrieval/passage";
import { type Note, tagged } from "./prompt";

/** Earlier notes as data, nearest first. Empty where there are none. */
export function noteSections(notes: readonly Note[]): string {
  return notes.map(({ title, date, text }) => tagged("note", { title, date }, text)).join("\n");
}

/** A retrieved passage as a prompt shows it. */
export function passageNote({ text, metadata: { title, date } }: Passage): Note {
  return { title, date, text };
}
