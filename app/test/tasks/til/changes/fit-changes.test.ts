import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { PROMPT_VERSIONS } from "../../../../src/config/prompt-version";
import { estimateTokens } from "../../../../src/shared/tokens/estimate";
import { atOnce } from "../../../../src/shared/turns";
import type { ChangedFile } from "../../../../src/tasks/til/changes/changed-file";
import { fitChanges } from "../../../../src/tasks/til/changes/fit-changes";
import { hunksOf } from "../../../../src/tasks/til/changes/hunks";
import { weighFile } from "../../../../src/tasks/til/changes/weigh-changes";
import { TIL_PROMPTS } from "../../../../src/tasks/til/prompts/til-versions";

const hunk = fc.string({ maxLength: 60 }).map((text) => `@@ -1 +1 @@\n+${text.replace(/\n/g, " ")}`);
const file: fc.Arbitrary<ChangedFile> = fc.record({
  filepath: fc.constantFrom("a.ts", "b/c.py", "package-lock.json", "x.png"),
  patches: fc.array(
    fc.record({
      commit_message: fc.string({ maxLength: 20 }),
      patch: fc.array(hunk, { maxLength: 6 }).map((hunks) => hunks.join("\n")),
    }),
    { maxLength: 3 },
  ),
});

/** Files as a prompt of at most 10,000 tokens gets them. */
function weighed(files: readonly ChangedFile[]) {
  return files.map((each) => atOnce(weighFile(each, 10_000)));
}

describe("fitChanges", () => {
  it("never exceeds its budget, skips files by rule, and counts every omitted hunk", () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 6 }), fc.nat(300), (files, budget) => {
        const fitted = fitChanges(weighed(files), budget, () => 0);
        // Each piece is rounded up on its own, so the sum of the joined texts can only be smaller, line ends aside.
        const used = fitted.files.reduce((sum, entry) => sum + estimateTokens(entry.text.replaceAll("\n", "")), 0);
        expect(used).toBeLessThanOrEqual(budget);
        expect(fitted.files.length + fitted.skipped.length + fitted.omittedFiles).toBe(files.length);
        const says = (entry: ChangedFile) =>
          entry.patches.some(({ commit_message, patch }) => (commit_message + patch).trim() !== "");
        const teaching = files.filter((entry) => says(entry) && !/lock|png/.test(entry.filepath));
        expect(fitted.skipped).toHaveLength(files.length - teaching.length);
      }),
    );
  });

  it("considers no more files than could fit, however many a commit has", () => {
    const files = Array.from({ length: 40_000 }, (_, index) => ({
      filepath: `vendor-${index}.ts`,
      patches: [{ commit_message: "m", patch: `@@ -0,0 +1 @@\n+const a = ${index};` }],
    }));
    let considered = 0;
    const fitted = fitChanges(weighed(files), 1_000, () => {
      considered += 1;
      return 10;
    });
    expect(considered).toBeLessThan(5_000);
    expect(fitted.files.length).toBeGreaterThan(10);
    expect(fitted.files.length + fitted.omittedFiles).toBe(files.length);
  });

  it("keeps the first hunk of every file before the second of any", () => {
    const big = Array.from({ length: 20 }, (_, index) => `@@ -${index} +1 @@\n+${"x".repeat(70)}`).join("\n");
    const files = ["a.ts", "b.ts"].map((filepath) => ({ filepath, patches: [{ commit_message: "m", patch: big }] }));
    const { files: fitted } = fitChanges(weighed(files), 120, () => 5);
    expect(fitted.map((entry) => entry.text.includes("@@ -0 "))).toEqual([true, true]);
    expect(fitted.map((entry) => entry.omittedHunks > 0)).toEqual([true, true]);
  });

  it("cuts a patch at its hunks without losing a character", () => {
    fc.assert(
      fc.property(fc.array(hunk), fc.constantFrom("", "diff --git a b\n--- a\n+++ b\n"), (hunks, head) => {
        const patch = head + hunks.join("\n");
        expect([...hunksOf(patch)].join("")).toBe(patch);
        if (hunks.length > 0) expect([...hunksOf(patch)]).toHaveLength(hunks.length);
      }),
    );
  });

  it.each(PROMPT_VERSIONS)("keeps the whole prompt of %s within its budget, and every repository in it", (version) => {
    const repositories = ["one", "two", "three"].map((name) => ({
      name,
      files: weighed(
        Array.from({ length: 40 }, (_, index) => ({
          filepath: `src/file-${index}.ts`,
          patches: [{ commit_message: "m", patch: `@@ -1 +1 @@\n+${"code ".repeat(index * 20)}` }],
        })),
      ),
    }));
    const notes = [{ title: "Locks", date: "2026-11-01", text: "락은 저절로 만료된다." }];
    for (const budget of [800, 1_000, 3_000, 10_000]) {
      const material = { user: "u", date: "2026-11-21", language: "ko", domain: "commit", summarised: false } as const;
      const prompt = TIL_PROMPTS[version].til({ ...material, repositories, notes }, "json", budget);
      const text = prompt.messages.map((message) => message.content).join("");
      expect(estimateTokens(text)).toBeLessThanOrEqual(budget);
      expect(prompt.cut).toBe(true);
      // Nor is the budget wasted: what is left unused is less than a file.
      if (budget > 800) expect(estimateTokens(text)).toBeGreaterThan(budget * 0.85);
      for (const { name } of repositories) expect(text).toMatch(new RegExp(`repository: ${name}\\n`));
    }
  });
});
