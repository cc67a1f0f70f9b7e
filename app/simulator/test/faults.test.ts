import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { FaultInput } from "../src/faults";
import { chunksOf, contentOf, errorOf, MESSAGES, startSimulator } from "./client";

let simulator: Awaited<ReturnType<typeof startSimulator>>;
beforeAll(async () => {
  simulator = await startSimulator({ faults: true, enableServerLoadTracking: true });
});
afterEach(() => {
  simulator.simulator.clearFaults();
  simulator.simulator.inject({ kind: "restart" });
});
afterAll(() => simulator.close());

const inject = (fault: FaultInput) => simulator.simulator.inject(fault);
const ask = (more: object = {}, init: RequestInit = {}) => simulator.chat({ messages: MESSAGES, ...more }, init);
const stream = () => ask({ stream: true });

/** Everything that arrives of a body until it breaks off. */
async function received(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk);
  } catch {
    return text;
  }
  throw new Error(`it did not break off: ${text}`);
}

describe("an injected fault", () => {
  it("answers so many requests with a status, then no more", async () => {
    inject({ kind: "status", status: 503, retryAfterSeconds: 7, requests: 2 });
    const [first, second, third] = [await ask(), await ask(), await ask()];
    expect([first.status, second.status, third.status]).toEqual([503, 503, 200]);
    expect(first.headers.get("retry-after")).toBe("7");
    expect((await errorOf(first)).code).toBe(503);
  });

  it("hits embeddings too, and no route that generates nothing", async () => {
    inject({ kind: "status", status: 500 });
    for (const path of ["/health", "/v1/models", "/metrics"]) expect((await simulator.get(path)).status).toBe(200);
    expect((await simulator.post("/v1/embeddings", { input: "a" })).status).toBe(500);
  });

  it("answers rubbish with 200", async () => {
    inject({ kind: "rubbish", requests: 3 });
    const whole = await ask();
    expect(whole.status).toBe(200);
    await expect(whole.json()).rejects.toThrow("JSON");
    const text = await (await stream()).text();
    expect(() => chunksOf(text)).toThrow();
    const embedded = await simulator.post("/v1/embeddings", { input: "a" });
    await expect(embedded.json()).rejects.toThrow("JSON");
  });

  it("hangs, and is counted as load until the client leaves", async () => {
    inject({ kind: "hang" });
    const leaver = new AbortController();
    const asked = ask({}, { signal: leaver.signal });
    const load = async () => (await (await simulator.get("/load")).json()) as unknown;
    while (simulator.simulator.load === 0) await new Promise(setImmediate);
    expect(await load()).toEqual({ server_load: 1 });
    leaver.abort();
    await expect(asked).rejects.toThrow();
    while (simulator.simulator.load > 0) await new Promise(setImmediate);
    expect(await load()).toEqual({ server_load: 0 });
  });

  it("cuts a stream after so many tokens, and a whole answer before it is sent", async () => {
    inject({ kind: "cut", afterTokens: 3, requests: 2 });
    const text = await received(await stream());
    expect(text.match(/"content":"[^"]/g)).toHaveLength(3);
    expect(text).not.toContain("[DONE]");
    await expect(ask()).rejects.toThrow();
    inject({ kind: "cut" });
    expect(await received(await stream())).not.toMatch(/"content":"[^"]/);
    expect(await contentOf(await ask())).toContain("cache");
  });

  it.each(["abort", "error", "length", "stop", null] as const)(
    "ends an answer with finish_reason %s",
    async (reason) => {
      inject({ kind: "finish", reason, afterTokens: 3, requests: 2 });
      const whole: unknown = await (await ask()).json();
      expect(whole).toMatchObject({ choices: [{ finish_reason: reason }], usage: { completion_tokens: 3 } });
      const text = await (await stream()).text();
      expect(text.match(/"content":"[^"]/g)).toHaveLength(3);
      expect(text).toContain(`"finish_reason":${JSON.stringify(reason)},"stop_reason"`);
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    },
  );

  it.each([
    ["openai", { error: { message: "Injected fault.", type: "InternalServerError", param: null, code: 500 } }],
    ["text", { error: "Injected fault." }],
    ["message", { message: "Injected fault." }],
    ["detail", { detail: "Injected fault." }],
  ] as const)("sends an error object with 200, whole and as a chunk: %s", async (form, object) => {
    inject({ kind: "error-object", form, afterTokens: 2, requests: 2 });
    const whole = await ask();
    expect([whole.status, await whole.json()]).toEqual([200, object]);
    const text = await (await stream()).text();
    expect(text.match(/"content":"[^"]/g)).toHaveLength(2);
    expect(text).toContain(`\n\ndata: ${JSON.stringify(object)}\n\ndata: [DONE]`);
  });

  it("slows every step down until it is cleared", async () => {
    const timed = async () => {
      const started = performance.now();
      await (await ask({ max_tokens: 5 })).text();
      return performance.now() - started;
    };
    inject({ kind: "slow", minStepMs: 15 });
    expect(await timed()).toBeGreaterThan(70);
    simulator.simulator.clearFaults();
    expect(await timed()).toBeLessThan(60);
  });

  it("stalls the engine, whose health stays 200, until it is cleared", async () => {
    inject({ kind: "stall" });
    const asked = ask();
    while (simulator.simulator.load === 0) await new Promise(setImmediate);
    expect((await simulator.get("/health")).status).toBe(200);
    expect(await (await simulator.get("/metrics")).text()).toMatch(/num_requests_waiting\{[^}]*\} 1\.0/);
    simulator.simulator.clearFaults();
    expect((await asked).status).toBe(200);
  });

  it("kills the engine: streams end with an error, health is 503 and nothing is generated until a restart", async () => {
    inject({ kind: "slow", minStepMs: 5 });
    const running = await stream();
    inject({ kind: "crash" });
    const text = await running.text();
    expect(text).toContain('data: {"error":{"message":"EngineCore encountered an issue.');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    for (const path of ["/health", "/ping"]) expect((await simulator.get(path)).status).toBe(503);
    expect(await errorOf(await ask())).toMatchObject({ status: 500, type: "InternalServerError" });
    inject({ kind: "restart" });
    expect((await simulator.get("/health")).status).toBe(200);
    expect((await ask()).status).toBe(200);
  });
});

describe("/simulator/faults", () => {
  it("injects, lists and clears faults", async () => {
    const fault = { kind: "status", status: 500, requests: 3 };
    await simulator.post("/simulator/faults", fault);
    expect((await ask()).status).toBe(500);
    const listed = await (await simulator.get("/simulator/faults")).json();
    expect(listed).toEqual({ pending: [{ ...fault, requests: 2 }] });
    await simulator.delete("/simulator/faults");
    expect((await ask()).status).toBe(200);
  });

  it("refuses an unknown fault", async () => {
    expect(await errorOf(await simulator.post("/simulator/faults", { kind: "fire" }))).toMatchObject({ status: 400 });
    expect(() => inject({ kind: "status", status: 200 })).toThrow();
  });

  it("answers 404 unless it was enabled", async () => {
    const other = await startSimulator();
    expect((await other.post("/simulator/faults", { kind: "crash" })).status).toBe(404);
    await other.close();
  });
});

describe("Simulator.close", () => {
  const slow = (shutdownTimeoutSeconds?: number) =>
    startSimulator({ ...(shutdownTimeoutSeconds === undefined ? {} : { shutdownTimeoutSeconds }), speed: 20 });

  it("aborts what is in flight, as vLLM does by default", async () => {
    const hasty = await slow();
    const running = await hasty.chat({ messages: MESSAGES, stream: true });
    const [text] = await Promise.all([received(running), hasty.close()]);
    expect(text).not.toContain("[DONE]");
    await expect(hasty.get("/health")).rejects.toThrow();
  });

  it("lets what is in flight end within the shutdown timeout, and takes nothing new", async () => {
    const patient = await slow(10);
    const running = await patient.chat({ messages: MESSAGES, stream: true });
    const closed = patient.close();
    for (const path of ["/health", "/v1/models"]) expect((await patient.get(path)).status).toBe(200);
    expect(await errorOf(await patient.chat({ messages: MESSAGES }))).toEqual({
      status: 500,
      code: 500,
      type: "InternalServerError",
      message: "cannot schedule new futures after shutdown",
      param: null,
    });
    expect(chunksOf(await running.text()).at(-1)?.choices[0]?.finish_reason).toBe("stop");
    await closed;
    await expect(patient.get("/health")).rejects.toThrow();
  });

  it("waits no longer than the shutdown timeout", async () => {
    const patient = await slow(0.05);
    patient.simulator.inject({ kind: "slow", minStepMs: 200 });
    const running = await patient.chat({ messages: MESSAGES, stream: true });
    const [text] = await Promise.all([received(running), patient.close()]);
    expect(text).not.toContain("[DONE]");
  });
});

describe("the simulator's admission", () => {
  it("answers 503 when enough requests are in flight", async () => {
    const limited = await startSimulator({ maxNumQueuedReqs: 1 });
    limited.simulator.inject({ kind: "stall" });
    const first = limited.chat({ messages: MESSAGES });
    while (limited.simulator.load === 0) await new Promise(setImmediate);
    const refused = await limited.chat({ messages: MESSAGES });
    expect(refused.headers.has("retry-after")).toBe(false);
    expect(await errorOf(refused)).toMatchObject({
      status: 503,
      type: "Service Unavailable",
      message:
        "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.",
    });
    limited.simulator.clearFaults();
    expect((await first).status).toBe(200);
    await limited.close();
  });

  it("answers 503 when enough prompt tokens are unread, and takes the next once they are read", async () => {
    const limited = await startSimulator({ maxNumQueuedTokens: 10 });
    limited.simulator.inject({ kind: "stall" });
    const first = limited.chat({ messages: MESSAGES });
    while (limited.simulator.load === 0) await new Promise(setImmediate);
    expect(await errorOf(await limited.chat({ messages: MESSAGES }))).toMatchObject({
      status: 503,
      message:
        "The engine has reached its prefill token backlog limit. Please try again later or on a different instance.",
    });
    limited.simulator.clearFaults();
    await first;
    expect((await limited.chat({ messages: MESSAGES })).status).toBe(200);
    await limited.close();
  });
});
