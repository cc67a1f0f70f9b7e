import { describe, expect, it } from "@jest/globals";
import { atOnce, inTurns, LARGE_CHARS, type Steps, turn, turnFor } from "../../src/shared/turns";
import { countLoops } from "../support/count-loops";

function* work(steps: number, chars: number, done: () => void = () => {}): Steps<string> {
  for (let step = 0; step < steps; step += 1) {
    done();
    yield chars;
  }
  return "done";
}

describe("inTurns", () => {
  it("does little work at once", async () => {
    const loops = countLoops();
    expect(await inTurns(work(10, 1_000))).toBe("done");
    expect(loops.stop()).toBe(0);
  });

  it("gives the event loop a turn for every 100,000 characters", async () => {
    const loops = countLoops();
    expect(await inTurns(work(400, 10_000))).toBe("done");
    expect(loops.stop()).toBeGreaterThanOrEqual(40);
  });

  it("works for one request in each turn, however many are large", async () => {
    const loops = countLoops();
    const perLoop = new Map<number, number>();
    const seen = () => perLoop.set(loops.count(), (perLoop.get(loops.count()) ?? 0) + 1);
    await Promise.all(Array.from({ length: 10 }, () => turn().then(() => inTurns(work(50, 20_000, seen)))));
    loops.stop();
    expect([...perLoop.values()].reduce((sum, steps) => sum + steps, 0)).toBe(500);
    expect(Math.max(...perLoop.values())).toBeLessThanOrEqual(5);
  });

  it("throws what the work throws, and others go on", async () => {
    const failing = function* (): Steps<never> {
      yield 100_000;
      throw new RangeError("no such hunk");
    };
    const results = await Promise.allSettled([inTurns(failing()), inTurns(work(100, 10_000))]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });
});

describe("turnFor", () => {
  it("is nothing to wait for below the size from which work is large", () => {
    expect(turnFor(LARGE_CHARS - 1)).toBeUndefined();
    expect(turnFor(LARGE_CHARS)).toBeInstanceOf(Promise);
  });
});

describe("atOnce", () => {
  it("gives the result of the same steps", () => {
    expect(atOnce(work(10, 1_000_000))).toBe("done");
  });
});
