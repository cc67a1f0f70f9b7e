import { isTask, TASKS, type Task } from "../../app/src/contract/tasks";

/** One request of the load. */
export interface Errand {
  readonly task: Task;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How often each task is requested, relative to the others. */
export type Mix = Readonly<Partial<Record<Task, number>>>;

/** Short questions and news are most of what people send. */
export const USUAL_MIX: Readonly<Record<Task, number>> = { til: 1, news: 4, interview: 1, chat: 4 };

/** Sentences that texts are made of, in the languages of the service. */
const SENTENCES = [
  "L4 GPU 두 대로 LLM API를 시작했다.",
  "로드 밸런서가 요청을 두 그룹에 나눈다.",
  "첫 토큰까지 2초를 넘기지 않는 것이 목표다.",
  "배포하는 동안에도 스트림은 끊기지 않았다.",
  "The queue orders requests by their uncached prefill.",
  "A paged KV cache keeps memory from being wasted.",
  "Nobody noticed that one of the two machines was replaced.",
  "The team moved from virtual machines to a cluster.",
  "Costs of idle GPUs fell by a third.",
  "A write-ahead log lets a database forget nothing.",
] as const;

const FILES = ["src/cart.ts", "src/lock.ts", "infra/network.tf", "app/routes/chat.py"] as const;

/** A number from 0 up to 1, as `Math.random`. */
export type RandomSource = () => number;

function pick<Item>(items: readonly [Item, ...Item[]], random: RandomSource): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

function text(sentences: number, random: RandomSource): string {
  return Array.from({ length: sentences }, () => pick(SENTENCES, random)).join(" ");
}

function between(least: number, most: number, random: RandomSource): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Makes a body of each task. Each begins with a number of its own, so that no cache answers it. */
const BODIES: Readonly<Record<Task, (user: string, nonce: number, random: RandomSource) => Errand["body"]>> = {
  til: (user, nonce, random) => ({
    user,
    repo: [{ name: `shop-${nonce}`, branch: "main", files: [changedFile(random), changedFile(random)] }],
  }),
  news: (_user, nonce, random) => ({ text: `${nonce}. ${text(between(5, 40, random), random)}` }),
  interview: (user, nonce, random) => ({ user, til: `${nonce}. ${text(between(4, 12, random), random)}` }),
  chat: (_user, nonce, random) => ({
    messages: [{ role: "user", content: `${nonce}. ${text(between(1, 6, random), random)} 왜 그런가?` }],
    max_tokens: between(32, 256, random),
  }),
};

function changedFile(random: RandomSource) {
  const lines = Array.from({ length: between(3, 30, random) }, () => `+// ${pick(SENTENCES, random)}`);
  const patch = [`@@ -1,0 +1,${lines.length} @@`, ...lines].join("\n");
  return { filepath: pick(FILES, random), patches: [{ commit_message: pick(SENTENCES, random), patch }] };
}

/** Draws one request. @param users how many distinct users there are */
export function drawErrand(mix: Mix, users: number, random: RandomSource): Errand {
  const task = drawTask(mix, random);
  const user = `load-${between(1, users, random)}`;
  const body = BODIES[task](user, between(1, 1e9, random), random);
  return { task, path: TASKS[task].path, body: { ...body, ...(TASKS[task].streamed && { stream: true }) } };
}

function drawTask(mix: Mix, random: RandomSource): Task {
  const weighted = Object.entries(mix).filter(([name, weight]) => isTask(name) && weight > 0);
  let left = random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of weighted) {
    left -= weight;
    if (left < 0 && isTask(name)) return name;
  }
  throw new RangeError("a mix needs a task with a weight above 0");
}
