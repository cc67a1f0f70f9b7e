import { describe, expect, it } from "@jest/globals";
import type { Job } from "../../../src/engines/scheduling/job";
import type { Order } from "../../../src/engines/scheduling/order";
import { promptPrefix } from "../../../src/engines/scheduling/prompt-prefix";
import { dispatcherOf, endpoints, job } from "./model";

/** Names of jobs in the order in which one place was given to them, all having come in this order at once. */
async function served(jobs: Readonly<Record<string, Partial<Job>>>, order?: Order): Promise<string[]> {
  const { clock, dispatcher } = dispatcherOf(endpoints(1), { order });
  const names: string[] = [];
  const first = await dispatcher.acquire(job());
  for (const [name, settings] of Object.entries(jobs)) {
    void dispatcher.acquire(job(settings)).then((lease) => {
      names.push(name);
      lease.release();
    });
  }
  first.release();
  await clock.run();
  return names;
}

const HISTORY = "What was said before. ".repeat(400);
const LONG_BUT_READ = { promptTokens: 2_000, prefix: promptPrefix(HISTORY, 2_000) };

describe("prefillOrder", () => {
  it("sorts by prompt tokens, equal ones by arrival", async () => {
    const jobs = {
      long: { promptTokens: 900 },
      b: { promptTokens: 50 },
      c: { promptTokens: 50 },
      d: { promptTokens: 49 },
    };
    expect(await served(jobs)).toEqual(["d", "b", "c", "long"]);
  });

  it("puts interactive jobs before batch, however short", async () => {
    const jobs = { batch: { class: "batch", promptTokens: 1 }, person: { promptTokens: 6_000 } } as const;
    expect(await served(jobs)).toEqual(["person", "batch"]);
  });

  it("counts only tokens that are not cached", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1));
    (await dispatcher.acquire(job(LONG_BUT_READ))).release();
    const first = await dispatcher.acquire(job());
    const names: string[] = [];
    const wait = async (name: string, settings: Partial<Job>) => {
      const lease = await dispatcher.acquire(job(settings));
      names.push(name);
      lease.release();
    };
    const all = [wait("short", { promptTokens: 300 }), wait("long, read before", LONG_BUT_READ)];
    first.release();
    await clock.run();
    await Promise.all(all);
    expect(names).toEqual(["long, read before", "short"]);
  });

  it("moves a job up whose prefix was cached while it waited", async () => {
    const jobs = {
      // The first of the two goes before `between` only because it is older; then the second is nearly free.
      opener: { ...LONG_BUT_READ, promptTokens: 100, prefix: promptPrefix(HISTORY, 100) },
      between: { promptTokens: 200 },
      follower: LONG_BUT_READ,
    };
    expect(await served(jobs)).toEqual(["opener", "follower", "between"]);
  });

  it("differs from a planted order by raw length, which puts the cached one last", async () => {
    const raw: Order = { key: ({ promptTokens }) => promptTokens, classes: true };
    const jobs = {
      opener: { ...LONG_BUT_READ, promptTokens: 100, prefix: promptPrefix(HISTORY, 100) },
      between: { promptTokens: 200 },
      follower: LONG_BUT_READ,
    };
    expect(await served(jobs, raw)).toEqual(["opener", "between", "follower"]);
  });

  it("moves a job back down whose prompt the engine evicted meanwhile", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1), { prefixCacheTokens: 2_100 });
    (await dispatcher.acquire(job(LONG_BUT_READ))).release();
    const first = await dispatcher.acquire(
      job({ promptTokens: 2_000, prefix: promptPrefix("Another. ".repeat(900), 2_000) }),
    );
    const names: string[] = [];
    const wait = async (name: string, settings: Partial<Job>) => {
      const lease = await dispatcher.acquire(job(settings));
      names.push(name);
      lease.release();
    };
    const all = [wait("forgotten", LONG_BUT_READ), wait("short", { promptTokens: 300 })];
    first.release();
    await clock.run();
    await Promise.all(all);
    expect(names).toEqual(["short", "forgotten"]);
  });

  it("lets a batch job pass newcomers once it has waited ten seconds", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1));
    const first = await dispatcher.acquire(job());
    const names: string[] = [];
    const wait = async (name: string, settings: Partial<Job>) => {
      const lease = await dispatcher.acquire(job(settings));
      names.push(name);
      lease.release();
    };
    const all = [wait("batch", { class: "batch", promptTokens: 200 })];
    clock.after(12_000, () => all.push(wait("newcomer", { promptTokens: 10 })));
    clock.after(12_001, () => first.release());
    await clock.run();
    await Promise.all(all);
    expect(names).toEqual(["batch", "newcomer"]);
  });

  it("gives the engine priorities that sort as the places were given", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(1));
    const first = await dispatcher.acquire(job());
    const priorities: number[] = [];
    const jobs = [3_000, 20, 700, 20, 1_500].map((promptTokens) => job({ promptTokens }));
    for (const each of [...jobs, job({ class: "batch", promptTokens: 5 })]) {
      void dispatcher.acquire(each).then((lease) => {
        priorities.push(lease.priority);
        lease.release();
      });
    }
    first.release();
    await clock.run();
    expect(priorities).toHaveLength(6);
    expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
    expect(priorities.every(Number.isSafeInteger)).toBe(true);
  });

  it("gives the engine equal priorities under fifo", async () => {
    const { dispatcher } = dispatcherOf(endpoints(1), { policy: "fifo" });
    expect((await dispatcher.acquire(job())).priority).toBe(0);
  });
});
