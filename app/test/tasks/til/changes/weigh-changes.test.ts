import { describe, expect, it } from "@jest/globals";
import { atOnce, inTurns } from "../../../../src/shared/turns";
import { fitChanges } from "../../../../src/tasks/til/changes/fit-changes";
import { MOST_FILES, readChanges } from "../../../../src/tasks/til/changes/read-changes";
import { weighChanges, weighFile } from "../../../../src/tasks/til/changes/weigh-changes";
import { countLoops } from "../../../support/count-loops";

const BUDGET = 6_000;
const file = (filepath: string, patch: string) => ({ filepath, patches: [{ commit_message: "m", patch }] });

/** Bodies of 4 MB that once held the event loop: one patch, many patches, many files. */
const LARGE = {
  "one patch of 200,000 hunks": [file("a.ts", "@@ -1 +1 @@\n+a\n".repeat(200_000))],
  "a file of 6,000 patches": [
    {
      filepath: "a.ts",
      patches: Array.from({ length: 6_000 }, (_, at) => ({ commit_message: `m${at}`, patch: "+".repeat(600) })),
    },
  ],
  "500 files": Array.from({ length: 500 }, (_, at) => file(`f${at}.ts`, `@@ -1 +1 @@\n${"+a = 1;\n".repeat(1_000)}`)),
};

describe("weighChanges", () => {
  it.each(Object.entries(LARGE))("gives the event loop 30 turns or more for %s", async (_name, files) => {
    const loops = countLoops();
    await inTurns(weighChanges([{ name: "r", files }], BUDGET));
    expect(loops.stop()).toBeGreaterThanOrEqual(30);
  });
});

describe("readChanges", () => {
  it("gives the event loop 30 turns or more for a diff of 130,000 files", async () => {
    const diff = Array.from({ length: 130_000 }, (_, at) => `diff --git a/${at}.ts b/${at}.ts\n`).join("");
    const loops = countLoops();
    await inTurns(readChanges([{ name: "r", files: [file("x", diff)] }]));
    expect(loops.stop()).toBeGreaterThanOrEqual(30);
  });

  it("reads 5,000 files of a request at most, of all repositories together, and counts the others", async () => {
    const diff = Array.from({ length: 4_000 }, (_, at) => `diff --git a/${at}.png b/${at}.png\n`).join("");
    const sent = ["one", "two"].map((name) => ({ name, files: [file("x", diff)] }));
    const read = await inTurns(readChanges(sent));
    expect(read.map(({ files, unreadFiles }) => [files.length, unreadFiles])).toEqual([
      [4_000, 0],
      [MOST_FILES - 4_000, 3_000],
    ]);
  });
});

describe("weighFile", () => {
  it("weighs what fills a prompt four times, and counts the other hunks", () => {
    const weighed = atOnce(weighFile(file("a.ts", "@@ -1 +1 @@\n+a\n".repeat(200_000)), BUDGET));
    expect(weighed.hunks).toBe(200_000);
    expect(weighed.tokens).toBeGreaterThan(4 * BUDGET);
    expect(weighed.pieces.length).toBeLessThan(5 * BUDGET);
    const { files } = fitChanges([weighed], BUDGET, () => 0);
    const taken = files[0]?.text.match(/^@@ /gm)?.length ?? 0;
    expect(taken).toBeGreaterThan(100);
    expect(files[0]?.omittedHunks).toBe(200_000 - taken);
  });

  it("keeps the first line of each commit message once, of a message of four million lines too", () => {
    const patches = ["one\n\ntwo", `three${"\n".repeat(4_000_000)}four`, " one", ""].map((commit_message) => ({
      commit_message,
      patch: "@@ -1 +1 @@\n+a",
    }));
    expect(atOnce(weighFile({ filepath: "a.ts", patches }, BUDGET)).subjects).toEqual(["one", "three"]);
  });

  it("has no pieces of a file that is left out", () => {
    const weighed = atOnce(weighFile(file("package-lock.json", "@@ -1 +1 @@\n+a"), BUDGET));
    expect(weighed).toMatchObject({ skipped: "lockfile", pieces: [], tokens: 0 });
  });
});
