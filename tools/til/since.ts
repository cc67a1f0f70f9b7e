import { UserError } from "./git";

const DAYS_AGO: ReadonlyMap<string, number> = new Map([
  ["today", 0],
  ["yesterday", 1],
]);

/**
 * A time as `git log --since` takes it. A day without a time of day is its beginning here; git takes it for that day at
 * the present time of day, which leaves the morning out.
 * @throws UserError where it is a date that no calendar has
 */
export function sinceTime(since: string, now: Date): string {
  const [, year, month, day] = /^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*$/.exec(since) ?? [];
  if (year !== undefined) {
    const date = new Date(Number(year), Number(month) - 1, Number(day));
    if (date.getMonth() !== Number(month) - 1) throw new UserError(`--since ${since}: there is no such day`);
    return startOf(date);
  }
  const daysAgo = DAYS_AGO.get(since.trim().toLowerCase());
  if (daysAgo === undefined) return since;
  return startOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo));
}

/** ISO date where this machine is. */
export function localDate(date: Date): string {
  const part = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

function startOf(date: Date): string {
  return `${localDate(date)}T00:00:00`;
}
