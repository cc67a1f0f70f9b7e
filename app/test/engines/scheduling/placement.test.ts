import { describe, expect, it } from "@jest/globals";
import { promptPrefix } from "../../../src/engines/scheduling/prompt-prefix";
import { dispatcherOf, endpoints, job } from "./model";

const HISTORY = "What was said before. ".repeat(400);
const TALK = { promptTokens: 2_000, prefix: promptPrefix(HISTORY, 2_000) };

describe("Dispatcher's choice of an endpoint", () => {
  it("is the endpoint with the least work", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9, 9, 9));
    const taken = [];
    for (let round = 0; round < 6; round += 1) taken.push((await dispatcher.acquire(job())).endpoint.id);
    expect(taken).toEqual(["e0", "e1", "e2", "e0", "e1", "e2"]);
  });

  it("is the endpoint that cached the prompt's prefix, even with more work there", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9, 9));
    (await dispatcher.acquire(job(TALK))).release();
    (await dispatcher.acquire(job())).firstToken();
    const lease = await dispatcher.acquire(job(TALK));
    expect([lease.endpoint.id, lease.cachedTokens]).toEqual(["e0", 1_968]);
  });

  it("is another endpoint when the caching one has so much work that a full prefill is sooner done", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9, 9));
    (await dispatcher.acquire(job(TALK))).release();
    const busy = await dispatcher.acquire(job({ promptTokens: 6_000, avoid: ["e1"] }));
    expect(busy.endpoint.id).toBe("e0");
    expect((await dispatcher.acquire(job(TALK))).endpoint.id).toBe("e1");
  });

  it("is an endpoint with the adapter loaded, and any other when that has no place", async () => {
    const fleet = endpoints(9, 1);
    fleet[1]?.adapters.add("jimin");
    const { dispatcher } = dispatcherOf(fleet);
    const wanted = job({ adapter: "jimin" });
    expect((await dispatcher.acquire(wanted)).endpoint.id).toBe("e1");
    expect((await dispatcher.acquire(wanted)).endpoint.id).toBe("e0");
  });

  it("does not count a cache of another adapter", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9));
    (await dispatcher.acquire(job(TALK))).release();
    const other = job({ promptTokens: 2_000, prefix: promptPrefix(HISTORY, 2_000, "jimin"), adapter: "jimin" });
    expect((await dispatcher.acquire(other)).cachedTokens).toBe(0);
  });

  it("is no endpoint that failed the job before, unless there is no other", async () => {
    const { dispatcher } = dispatcherOf(endpoints(1, 1));
    expect((await dispatcher.acquire(job({ avoid: ["e0"] }))).endpoint.id).toBe("e1");
    expect((await dispatcher.acquire(job({ avoid: ["e0"] }))).endpoint.id).toBe("e0");
  });

  it("is never an unavailable endpoint; with none, jobs are refused at once", async () => {
    const fleet = endpoints(9, 9);
    const { dispatcher } = dispatcherOf(fleet);
    for (const endpoint of fleet.slice(0, 1)) endpoint.isUp = false;
    expect((await dispatcher.acquire(job())).endpoint.id).toBe("e1");
    for (const endpoint of fleet) endpoint.isUp = false;
    await expect(dispatcher.acquire(job())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE", retryAfterSeconds: 5 });
  });

  it("is the endpoint that came back, for waiting jobs, when the dispatcher is woken", async () => {
    const fleet = endpoints(1, 1);
    const { dispatcher } = dispatcherOf(fleet);
    for (const endpoint of fleet.slice(1)) endpoint.isUp = false;
    await dispatcher.acquire(job());
    const waiting = dispatcher.acquire(job());
    for (const endpoint of fleet) endpoint.isUp = true;
    dispatcher.wake();
    expect((await waiting).endpoint.id).toBe("e1");
  });

  it("is none once all endpoints are down: waiting jobs are refused too, and leave nothing behind", async () => {
    const fleet = endpoints(1);
    const { dispatcher } = dispatcherOf(fleet);
    const lease = await dispatcher.acquire(job());
    const waiting = [dispatcher.acquire(job()), dispatcher.acquire(job({ class: "batch" }))];
    for (const endpoint of fleet) endpoint.isUp = false;
    dispatcher.wake();
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    lease.release();
    expect([dispatcher.waiting, dispatcher.inFlight("e0")]).toEqual([0, 0]);
  });

  it("ignores the cache of an engine that was restarted", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9));
    (await dispatcher.acquire(job(TALK))).release();
    dispatcher.forgetCache("e0");
    expect((await dispatcher.acquire(job(TALK))).cachedTokens).toBe(0);
  });
});

describe("Dispatcher's prefill window", () => {
  it("sends a long prompt alone and short ones together, the next one after the first token", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(9), { prefillWindowTokens: 512 });
    const long = await dispatcher.acquire(job({ promptTokens: 4_000 }));
    const next = [300, 300, 300].map((promptTokens) => dispatcher.acquire(job({ promptTokens })));
    await clock.run(1_000);
    expect(dispatcher.waiting).toBe(3);
    long.firstToken();
    long.firstToken();
    await clock.run(2_000);
    expect([dispatcher.waiting, dispatcher.inFlight("e0")]).toEqual([1, 3]);
    (await next[0])?.release();
    expect((await next[2])?.queuedMs).toBe(2_000);
  });

  it("estimates when a prompt is read whose first token is not reported", async () => {
    const { clock, dispatcher } = dispatcherOf(endpoints(9), { prefillWindowTokens: 512 });
    await dispatcher.acquire(job({ promptTokens: 5_000, reportsFirstToken: false }));
    const next = dispatcher.acquire(job());
    await clock.run(1_999);
    expect(dispatcher.waiting).toBe(1);
    await clock.run(2_001);
    expect((await next).queuedMs).toBe(2_000);
  });

  it("does not hold a job back from an endpoint where its first token comes sooner", async () => {
    const { dispatcher } = dispatcherOf(endpoints(9, 9), { prefillWindowTokens: 512 });
    const first = await dispatcher.acquire(job(TALK));
    first.release();
    const busy = await dispatcher.acquire(job({ promptTokens: 600, avoid: ["e1"] }));
    expect(busy.endpoint.id).toBe("e0");
    expect((await dispatcher.acquire(job(TALK))).endpoint.id).toBe("e0");
  });
});
