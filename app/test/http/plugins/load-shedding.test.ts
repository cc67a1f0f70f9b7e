import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "@jest/globals";
import Fastify from "fastify";
import { errorHandler } from "../../../src/http/errors/error-handler";
import { type LoadSheddingOptions, loadShedding } from "../../../src/http/plugins/load-shedding";

const SAMPLE_MS = 100;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server with a route that sheds load and a probe beside it. */
async function server(options: Omit<LoadSheddingOptions, "sampleMs">) {
  const app = Fastify();
  await app.register(errorHandler, { bodyLimitBytes: 1_000 });
  app.get("/probe", async () => "alive");
  await app.register(async (scope) => {
    await scope.register(loadShedding, { ...options, sampleMs: SAMPLE_MS });
    scope.get("/work", async () => "done");
  });
  await app.ready();
  closers.push(() => app.close());
  return app;
}

/** Holds the event loop, as a synchronous computation would. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("load shedding", () => {
  it("refuses generation while the event loop is late, answers probes, and accepts generation again", async () => {
    const app = await server({ maxEventLoopDelayMs: 20 });
    expect((await app.inject("/work")).statusCode).toBe(200);
    block(600);
    // The sample that is due is taken first.
    await delay(5);
    const refused = await app.inject("/work");
    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("2");
    expect(refused.json()).toMatchObject({ code: "OVERLOADED" });
    expect((await app.inject("/probe")).statusCode).toBe(200);
    await delay(2 * SAMPLE_MS + 50);
    expect((await app.inject("/work")).statusCode).toBe(200);
  });

  it("refuses generation while the heap is nearly full", async () => {
    const app = await server({ maxEventLoopDelayMs: 60_000, maxHeapBytes: 1 });
    await delay(SAMPLE_MS + 50);
    expect((await app.inject("/work")).json()).toMatchObject({ code: "OVERLOADED" });
    expect((await app.inject("/probe")).statusCode).toBe(200);
  });

  it("refuses no request where it is switched off", async () => {
    const app = await server({ maxEventLoopDelayMs: 0, maxHeapBytes: 1 });
    await delay(SAMPLE_MS + 50);
    expect((await app.inject("/work")).statusCode).toBe(200);
  });
});
