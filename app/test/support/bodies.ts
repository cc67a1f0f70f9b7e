import type { Task } from "../../src/contract/tasks";

export const PATCH = `@@ -1,2 +1,5 @@
+export async function cartTotal(id: string) {
+  return redis.get(id);
+}
-const old = 1;`;

export const TIL_BODY = {
  user: "jimin",
  date: "2026-11-20",
  repo: [
    {
      name: "shop-api",
      branch: "main",
      files: [{ filepath: "src/cart.ts", patches: [{ commit_message: "Cache cart totals in Redis", patch: PATCH }] }],
    },
  ],
};

export const NEWS_BODY = {
  text: "The team moved to a cluster. The cluster has two GPU nodes. Nobody noticed the move. Costs of the cluster fell.",
  language: "en",
};

export const INTERVIEW_BODY = {
  user: "jimin",
  til: "Redis SET with NX takes a lock. The lock expires by itself. Lua compares the owner first.",
  language: "en",
};

export const CHAT_BODY = {
  messages: [
    { role: "system", content: "You answer in English." },
    { role: "user", content: "Redis SET with NX takes a lock. The lock expires by itself. What does NX do?" },
  ],
};

/** A body of each task. */
export const TASK_BODIES: Readonly<Record<Task, Readonly<Record<string, unknown>>>> = {
  til: TIL_BODY,
  news: NEWS_BODY,
  interview: INTERVIEW_BODY,
  chat: CHAT_BODY,
};
