import { afterEach, describe, expect, it } from "@jest/globals";
import type { SimulatorOptions } from "../../../simulator/src/options";
import { buildSimulator } from "../../../simulator/src/simulator-server";
import { Closing, call, HELLO } from "./pool";

const opened = new Closing();
afterEach(() => opened.all());

async function simulated(options: Partial<SimulatorOptions>) {
  const engine = opened.add(buildSimulator({ speed: 0, model: "m", ...options }));
  return { engine, baseUrl: `${await engine.listen({ port: 0, host: "127.0.0.1" })}/v1` };
}

/** Begins an answer that stays in flight until the fault is cleared. */
async function occupied(options: Partial<SimulatorOptions>) {
  const { engine, baseUrl } = await simulated(options);
  engine.inject({ kind: "stall" });
  const { pool } = opened.pool({ baseUrl });
  const first = pool.forTask("til").complete(HELLO, call());
  while (engine.load === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  return { engine, baseUrl, pool, first };
}

describe("ServedModel with a simulated engine", () => {
  it.each([
    ["--max-num-queued-reqs", { maxNumQueuedReqs: 1 }],
    ["--max-num-queued-tokens", { maxNumQueuedTokens: 1 }],
  ])(
    "returns 429 with Retry-After at %s, or goes to another one, and its circuit stays closed",
    async (_flag, full) => {
      const { engine, baseUrl, pool, first } = await occupied(full);
      for (let request = 0; request < 6; request += 1) {
        const busy = { status: 429, code: "ENGINE_BUSY", retryAfterSeconds: expect.any(Number) };
        await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject(busy);
      }
      expect(pool.down("til")).toBe(false);
      const other = await simulated({});
      const both = opened.pool({ baseUrls: [baseUrl, other.baseUrl] }).pool;
      for (let request = 0; request < 4; request += 1) await both.forTask("til").complete(HELLO, call());
      engine.clearFaults();
      await first;
    },
  );

  it("returns 503 with Retry-After while it drains, or goes to another one; what is in flight ends", async () => {
    const { engine, baseUrl, pool, first } = await occupied({ shutdownTimeoutSeconds: 30 });
    const closed = engine.close();
    const gone = { status: 503, code: "ENGINE_UNAVAILABLE", retryAfterSeconds: 5 };
    await expect(pool.forTask("til").complete(HELLO, call())).rejects.toMatchObject(gone);
    const other = await simulated({});
    const both = opened.pool({ baseUrls: [baseUrl, other.baseUrl] }).pool;
    for (let request = 0; request < 4; request += 1) await both.forTask("til").complete(HELLO, call());
    engine.clearFaults();
    expect((await first).finishReason).not.toBeNull();
    await closed;
  });

  it("is ENGINE_UNAVAILABLE where it dies in the middle of a stream", async () => {
    const { engine, first } = await occupied({});
    engine.inject({ kind: "crash" });
    await expect(first).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});
