import { setMaxListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { AdapterNotLoadedError } from "../../../src/engines/adapters/adapter-not-loaded";
import { type AdapterLoadResult, AdapterSlots } from "../../../src/engines/adapters/adapter-slots";
import { FakeClock, FakeHost } from "./fake-host";

function slots(limit = 2, host = new FakeHost("e", limit)) {
  const clock = new FakeClock();
  const results: [AdapterLoadResult, string][] = [];
  const subject = new AdapterSlots({
    host,
    limit,
    clock,
    known: (name) => name !== "static" && name !== "base",
    onResult: (result, name) => results.push([result, name]),
    stopped: new AbortController().signal,
  });
  return { host, clock, results, subject };
}

const forever = new AbortController().signal;
setMaxListeners(0, forever);
const a = { name: "a", path: "/models/adapters/a" };
const b = { name: "b", path: "/models/adapters/b" };
const c = { name: "c", path: "/models/adapters/c" };

describe("AdapterSlots", () => {
  it("loads an adapter once, however many requests wait for it", async () => {
    const { host, subject } = slots();
    const releases = await Promise.all(Array.from({ length: 20 }, () => subject.hold(a, forever)));
    expect(host.count("load", "a")).toBe(1);
    expect(subject.holds("a")).toBe(20);
    for (const release of releases) {
      release();
      release();
    }
    expect(subject.holds("a")).toBe(0);
  });

  it("unloads the least recently used adapter", async () => {
    const { host, clock, subject } = slots();
    for (const adapter of [a, b, a]) {
      clock.advance(1);
      (await subject.hold(adapter, forever))();
    }
    (await subject.hold(c, forever))();
    expect([...host.loaded].sort()).toEqual(["a", "c"]);
  });

  it("never unloads an adapter that a request uses", async () => {
    const { host, clock, subject } = slots();
    const release = await subject.hold(a, forever);
    clock.advance(1);
    const other = await subject.hold(b, forever);
    await expect(subject.hold(c, forever)).rejects.toThrow(AdapterNotLoadedError);
    expect([...host.loaded].sort()).toEqual(["a", "b"]);
    expect(await subject.unload("a")).toBe(false);
    release();
    other();
    clock.advance(60_000);
    (await subject.hold(c, forever))();
    expect(host.loaded.has("a")).toBe(false);
  });

  it("loads an adapter again that a request needs while it is being unloaded", async () => {
    const { host, subject } = slots();
    (await subject.hold(a, forever))();
    let release = () => {};
    host.beforeUnload = async () => {
      host.beforeUnload = async () => {};
      held = subject.hold(a, forever);
    };
    let held = Promise.resolve(release);
    expect(await subject.unload("a")).toBe(true);
    release = await held;
    expect(host.loaded.has("a")).toBe(true);
    release();
  });

  it("rejects when a request's wait is over; the load goes on", async () => {
    const { host, subject } = slots();
    let finish = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    host.beforeLoad = () => gate;
    const patience = new AbortController();
    const hold = subject.hold(a, patience.signal);
    patience.abort();
    await expect(hold).rejects.toThrow("not loaded in time");
    expect(subject.holds("a")).toBe(0);
    finish();
    (await subject.hold(a, forever))();
    expect(host.count("load", "a")).toBe(1);
  });

  it("retries a refused adapter after a while, not with every request", async () => {
    const { host, clock, results, subject } = slots();
    host.refused.add("a");
    await expect(subject.hold(a, forever)).rejects.toThrow(AdapterNotLoadedError);
    await expect(subject.hold(a, forever)).rejects.toThrow("a moment ago");
    expect(results).toEqual([["failed", "a"]]);
    host.refused.clear();
    clock.advance(10_000);
    (await subject.hold(a, forever))();
    expect(subject.has("a")).toBe(true);
  });

  it("takes no room for a caller that may evict nothing as no refusal: a request evicts, and loads", async () => {
    const { host, results, subject } = slots(1);
    (await subject.hold(a, forever))();
    await expect(subject.load(b, () => "never")).rejects.toThrow("all 1 places");
    expect(host.count("load", "b")).toBe(0);
    (await subject.hold(b, forever))();
    expect([...host.loaded]).toEqual(["b"]);
    expect(results).toEqual([
      ["loaded", "a"],
      ["unloaded", "a"],
      ["loaded", "b"],
    ]);
  });

  it("loads for a request that joined such a caller", async () => {
    const { host, subject } = slots(1);
    (await subject.hold(a, forever))();
    const narrow = subject.load(b, () => "never");
    const outcomes = await Promise.allSettled([narrow, subject.hold(b, forever), subject.hold(b, forever)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(host.count("load", "b")).toBe(1);
    expect([...host.loaded]).toEqual(["b"]);
  });

  it("unloads what may leave first before what may leave last, however lately used", async () => {
    const { host, clock, subject } = slots(2);
    for (const adapter of [a, b]) {
      (await subject.hold(adapter, forever))();
      clock.advance(1);
    }
    await subject.load(c, (name) => (name === "a" ? "last" : "first"));
    expect([...host.loaded].sort()).toEqual(["a", "c"]);
  });

  it("takes an adapter as loaded that another gateway registered and loaded a moment ago", async () => {
    const { host, subject } = slots();
    host.loaded.add("static");
    await subject.load({ name: "static", path: "/models/adapters/static" }, () => "first");
    expect(subject.has("static")).toBe(true);
  });

  it("finds what another gateway loaded, makes room that it took, and never unloads unregistered adapters", async () => {
    const { host, clock, subject } = slots(2, new FakeHost("e", 3));
    host.loaded.add("static");
    host.loaded.add("b");
    host.loaded.add("a");
    (await subject.hold(a, forever))();
    clock.advance(1);
    (await subject.hold(a, forever))();
    expect(host.count("unload", "a")).toBe(0);
    (await subject.hold(c, forever))();
    expect([...host.loaded].sort()).toEqual(["a", "c", "static"]);
  });

  it("is empty after the engine was restarted", async () => {
    const { host, subject } = slots();
    (await subject.hold(a, forever))();
    host.loaded.clear();
    await subject.refresh();
    expect(subject.has("a")).toBe(false);
    subject.lost("a");
    (await subject.hold(a, forever))();
    expect(host.count("load", "a")).toBe(2);
  });

  it("never holds more than the limit, never loses one in use, and loads what was requested, in any order of events", async () => {
    const step = fc.record({ what: fc.constantFrom("hold", "release", "unload"), who: fc.nat({ max: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, limit) => {
        const { host, clock, subject } = slots(limit);
        const inUse: string[] = [];
        const lostInUse: string[] = [];
        const releases: (() => void)[] = [];
        host.beforeUnload = async () => {
          const leaving = host.calls.at(-1)?.[1] ?? "";
          if (inUse.includes(leaving)) lostInUse.push(leaving);
        };
        const pending = steps.map(async ({ what, who }) => {
          const name = `n${who}`;
          clock.advance(1);
          if (what === "unload") return void (await subject.unload(name));
          if (what === "release") return releases.pop()?.();
          const release = await subject.hold({ name, path: "/x" }, forever).catch(() => undefined);
          if (release === undefined) return;
          expect(host.loaded.has(name)).toBe(true);
          inUse.push(name);
          releases.push(() => {
            inUse.splice(inUse.indexOf(name), 1);
            release();
          });
          expect(host.loaded.size).toBeLessThanOrEqual(limit);
        });
        await Promise.all(pending);
        for (const release of releases) release();
        expect(lostInUse).toEqual([]);
        expect(subject.names.length).toBeLessThanOrEqual(limit);
        expect(new Set(subject.names)).toEqual(host.loaded);
      }),
    );
  });
});
