import { describe, expect, it } from "@jest/globals";
import { boundCommits } from "../../../tools/til/bound-commits";
import type { Commit } from "../../../tools/til/repository";

describe("boundCommits", () => {
  const sizeOf = (commits: readonly Commit[]) => Buffer.byteLength(JSON.stringify(commits));
  const LIMIT = 4 * 1024 * 1024 - 10_000;
  const commitOf = (files: Commit["files"], message = "m"): Commit => ({ sha: "a".repeat(40), message, files });

  it("fits commits into a request's body, also in Korean with three bytes a character, and cuts at lines", () => {
    const patch = `@@ -0,0 +1,9999 @@\n${"+장바구니 합계를 캐시한다\n".repeat(20_000)}`;
    const { commits, shortened, leftOut } = boundCommits(
      Array.from({ length: 40 }, () => commitOf([{ filepath: "a.md", patch }])),
    );
    expect(sizeOf(commits)).toBeLessThan(LIMIT);
    expect(sizeOf(commits)).toBeGreaterThan(LIMIT / 2);
    expect({ shortened, leftOut }).toEqual({ shortened: 40, leftOut: 0 });
    for (const { files } of commits) expect(files[0]?.patch).toMatch(/^$|캐시한다\n$/);
  });

  it("leaves files out where their names alone do not fit, and shortens long messages", () => {
    const files = Array.from({ length: 60_000 }, (_, index) => ({
      filepath: `vendor/package/${index}.ts`,
      patch: "+1",
    }));
    const { commits, leftOut } = boundCommits([
      commitOf(files),
      ...Array.from({ length: 199 }, () => commitOf([], "긴 이야기 ".repeat(10_000))),
    ]);
    expect(sizeOf(commits)).toBeLessThan(LIMIT);
    expect(leftOut).toBe(60_000 - (commits[0]?.files.length ?? 0));
    expect(leftOut).toBeGreaterThan(0);
  });

  it("leaves out nothing that fits", () => {
    const commits = [commitOf([{ filepath: "a", patch: '@@\n+\u0000"\n' }], "one"), commitOf([], "two")];
    expect(boundCommits(commits)).toEqual({ commits, shortened: 0, leftOut: 0 });
  });
});
