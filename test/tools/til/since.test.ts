import { describe, expect, it } from "@jest/globals";
import { localDate, sinceTime } from "../../../tools/til/since";

describe("sinceTime", () => {
  const now = new Date(2026, 2, 1, 15, 30);

  it.each([
    ["2026-02-28", "2026-02-28T00:00:00"],
    ["2026/2/8", "2026-02-08T00:00:00"],
    [" 2026.11.28 ", "2026-11-28T00:00:00"],
    ["today", "2026-03-01T00:00:00"],
    ["Yesterday", "2026-02-28T00:00:00"],
  ])("begins %s at %s", (since, time) => {
    expect(sinceTime(since, now)).toBe(time);
  });

  it.each(["2 hours ago", "2026-02-28 09:00", "last friday", "constructor", ""])("leaves %p to git", (since) => {
    expect(sinceTime(since, now)).toBe(since);
  });

  it.each(["2026-02-30", "2026-13-01", "2026-00-10", "2025-02-29"])("refuses %s, which no calendar has", (since) => {
    expect(() => sinceTime(since, now)).toThrow(`--since ${since}: there is no such day`);
  });
});

describe("localDate", () => {
  it("is the date where this machine is, near midnight too", () => {
    expect(localDate(new Date(2026, 0, 1, 0, 0, 1))).toBe("2026-01-01");
    expect(localDate(new Date(2026, 11, 31, 23, 59, 59))).toBe("2026-12-31");
  });
});
