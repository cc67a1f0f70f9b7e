import type { Task } from "../../src/contract/tasks";

/** A legal body that costs the gateway as much as it can. */
export interface WorstBody {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Characters of material, below the default `BODY_LIMIT_BYTES` of 4 MiB with what stands around it. */
const CHARS = 4_000_000;

function filled(piece: string): string {
  return piece.repeat(Math.floor(CHARS / JSON.stringify(piece).length));
}

function patches(count: number) {
  const patch = filled("+").slice(0, Math.floor(CHARS / count) - 40);
  return Array.from({ length: count }, (_, index) => ({ commit_message: `m${index}`, patch }));
}

function commits(files: readonly object[]): WorstBody["body"] {
  return { user: "bench", repo: [{ name: "bench", files }] };
}

/** By task: many secrets, many hunks, many files, many lines, and one long text. */
export const WORST_BODIES: Readonly<Record<Task, readonly WorstBody[]>> = {
  til: [
    { name: "notes full of passwords", body: { user: "bench", domain: "note", text: filled("pwd='a' ") } },
    { name: "a password that never ends", body: { user: "bench", domain: "note", text: filled("pwd='") } },
    { name: "notes of one long word", body: { user: "bench", domain: "note", text: filled("가") } },
    {
      name: "a patch of 200,000 hunks",
      body: commits([
        { filepath: "a.ts", patches: [{ commit_message: "m", patch: "@@ -1 +1 @@\n+a\n".repeat(200_000) }] },
      ]),
    },
    { name: "6,000 patches of a file", body: commits([{ filepath: "a.ts", patches: patches(6_000) }]) },
    {
      name: "500 files",
      body: commits(
        Array.from({ length: 500 }, (_, index) => ({
          filepath: `f${index}.ts`,
          patches: [{ commit_message: "m", patch: `@@ -1 +1 @@\n${"+const a = 1;\n".repeat(500)}` }],
        })),
      ),
    },
    {
      name: "a diff of 130,000 files",
      body: commits([
        {
          filepath: "all",
          patches: [
            {
              commit_message: "m",
              patch: Array.from({ length: 130_000 }, (_, at) => `diff --git a/${at} b/${at}\n`).join(""),
            },
          ],
        },
      ]),
    },
    {
      name: "a file of 200,000 hunks beside 499",
      body: commits([
        { filepath: "a.ts", patches: [{ commit_message: "m", patch: "@@ -1 +1 @@\n+a\n".repeat(200_000) }] },
        ...Array.from({ length: 499 }, (_, at) => ({
          filepath: `f${at}.ts`,
          patches: [{ commit_message: "m", patch: "@@ -1 +1 @@\n+a" }],
        })),
      ]),
    },
    {
      name: "a commit message of 1,900,000 lines",
      body: commits([
        {
          filepath: "a.ts",
          patches: [{ commit_message: `m${"\n".repeat(1_900_000)}m`, patch: "@@ -1 +1 @@\n+a" }],
        },
      ]),
    },
  ],
  news: [
    { name: "an article of 4 MB", body: { text: filled("The cluster has two nodes. "), language: "en" } },
    { name: "an article of one long word", body: { text: filled("가"), language: "ko" } },
  ],
  interview: [
    { name: "a TIL of 4 MB", body: { user: "bench", til: filled("The lock expires. "), language: "en" } },
    { name: "a TIL full of passwords", body: { user: "bench", til: filled("pwd='a' "), language: "en" } },
  ],
  chat: [
    { name: "one message of 4 MB", body: { messages: [{ role: "user", content: filled("The lock expires. ") }] } },
    {
      name: "999 messages",
      body: {
        messages: Array.from({ length: 999 }, (_, index) => ({
          role: index % 2 === 0 ? "user" : "assistant",
          content: "The lock expires. ".repeat(200),
        })),
      },
    },
  ],
};
