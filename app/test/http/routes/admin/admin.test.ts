import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS, TASKS } from "../../../../src/contract";
import { NEWS_BODY, TIL_BODY } from "../../../support/bodies";
import { type Behaviour, chunk, startEngine } from "../../../support/engine";
import { type GatewayOptions, type RunningGateway, startGateway } from "../../../support/gateway";
import { parseEvents } from "../../../support/sse";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(behaviour: Behaviour, options: Partial<GatewayOptions> = {}) {
  const engine = await startEngine(behaviour);
  closers.push(() => engine.close());
  const gateway = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closers.push(() => gateway.close());
  return { engine, gateway };
}

const windowSchema = z.object({
  throughput_tps: z.number(),
  goodput_tps: z.number(),
  sla_compliance_rate: z.number(),
  requests: z.number(),
});
const goodputSchema = z.object({
  sla_ttft_ms: z.number(),
  "1m": windowSchema,
  "5m": windowSchema,
  lifetime: windowSchema,
});
const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });
const activitySchema = z.object({
  last_request_at: z.iso.datetime(),
  ttft_ms: percentilesSchema,
  processing_ms: percentilesSchema,
  tps: z.number(),
});

const NEWS_ANSWER = JSON.stringify({ summary: "A summary.", bullets: [], keywords: ["k"] });
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** Answers with JSON where a schema asks for it, and with words where none does; engines are always asked to stream. */
const SAY: Behaviour = (asked, response) => {
  const content = asked.body.response_format === undefined ? "Hello you." : NEWS_ANSWER;
  response.setHeader("content-type", "text/event-stream");
  response.end(`${chunk(content, "stop")}data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`);
};

async function admin(gateway: Pick<RunningGateway, "url">, method: string, path: string, body?: unknown) {
  const response = await fetch(`${gateway.url}${PATHS.admin}${path}`, {
    method,
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function metrics(gateway: Pick<RunningGateway, "url">): Promise<string> {
  return await (await fetch(gateway.url + PATHS.metrics)).text();
}

describe("an operator's drain", () => {
  it("takes the instance out of traffic and back, while it goes on serving", async () => {
    const { gateway } = await start(SAY);
    expect(await admin(gateway, "GET", "/drain")).toEqual({
      status: 200,
      body: { phase: "serving", reason: null, since: null, cut_at: null, in_flight: 0, work: null },
    });
    const drained = await admin(gateway, "POST", "/drain");
    expect(drained.body).toMatchObject({ phase: "draining", reason: "operator", cut_at: null });
    expect((await fetch(gateway.url + PATHS.healthz)).status).toBe(503);
    expect((await gateway.post(TASKS.news.path, NEWS_BODY)).status).toBe(200);
    expect((await admin(gateway, "POST", "/drain", {})).body).toMatchObject({
      work: { in_flight: 0, accepted: 1, completed: 1, lost: 0, left: 0 },
    });
    expect((await admin(gateway, "DELETE", "/drain")).body).toMatchObject({ phase: "serving", work: null });
  });

  it("cannot be taken back from a process that stops", async () => {
    const { gateway } = await start(SAY);
    gateway.lifecycle.startDraining("signal");
    expect(await admin(gateway, "DELETE", "/drain")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });

  it("tells open streams, keeps account of each, and of answers that failed", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { gateway } = await start(async (asked, response) => {
      if (asked.body.response_format !== undefined) return void response.writeHead(500).end();
      response.setHeader("content-type", "text/event-stream");
      response.write(chunk("begun"));
      await released;
      response.end(`${chunk(" ended", "stop")}data: [DONE]\n\n`);
    });
    const finishing = await gateway.post(TASKS.news.path, { ...NEWS_BODY, stream: true });
    const leaving = new AbortController();
    const left = await gateway.post(TASKS.news.path, { ...NEWS_BODY, stream: true }, { signal: leaving.signal });
    await admin(gateway, "POST", "/drain");
    expect((await gateway.post(TASKS.news.path, NEWS_BODY)).status).toBe(502);
    leaving.abort();
    await expect(left.text()).rejects.toThrow();
    release();
    const events = parseEvents(await finishing.text());
    expect(events.find(({ name }) => name === "draining")?.data).toEqual({
      code: "DRAINING",
      resume: "repeat",
      request_id: finishing.headers.get("x-request-id"),
      cut_at: null,
    });
    expect(events.at(-1)?.done).toBe(true);
    while (gateway.operations.work.count > 0) await delay(5);
    expect((await admin(gateway, "GET", "/drain")).body).toMatchObject({
      in_flight: 0,
      work: { in_flight: 2, accepted: 1, completed: 1, lost: 1, left: 1 },
    });
    expect(await metrics(gateway)).toContain('gateway_drain_requests_total{outcome="lost"} 1');
  });
});

describe("the end of a drain's time", () => {
  it("ends a stream with an error event, and an answer that has not begun with 503", async () => {
    const { engine, gateway } = await start((asked, response) => {
      if (asked.body.response_format !== undefined) return;
      response.setHeader("content-type", "text/event-stream");
      response.write(chunk("begun"));
    });
    const stream = await gateway.post(TASKS.news.path, { ...NEWS_BODY, stream: true });
    const waiting = gateway.post(TASKS.news.path, NEWS_BODY);
    while (engine.asked.length < 2) await delay(5);
    gateway.lifecycle.startDraining("signal", Date.now() + 50);
    gateway.lifecycle.cut();
    const events = parseEvents(await stream.text());
    expect(events.map(({ name }) => name)).toEqual([undefined, "draining", "error"]);
    expect(events.at(-1)?.data?.code).toBe("DRAINING");
    const refused = await waiting;
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      code: "DRAINING",
      request_id: refused.headers.get("x-request-id"),
    });
    expect(gateway.operations.work.report).toMatchObject({ inFlight: 2, lost: 2, completed: 0 });
  });
});

describe("degraded mode", () => {
  const post = (gateway: RunningGateway, priority?: string) =>
    gateway.post(TASKS.news.path, NEWS_BODY, { headers: priority === undefined ? {} : { "x-priority": priority } });

  it("is an operator's to switch, with a note for the next one", async () => {
    const { gateway } = await start(SAY);
    expect((await admin(gateway, "GET", "/degraded")).body).toEqual({ degraded: false, reasons: {}, tasks: [] });
    const on = {
      degraded: true,
      reasons: { operator: "two GPUs are away" },
      tasks: ["til", "news", "interview", "chat"],
    };
    expect((await admin(gateway, "POST", "/degraded", { note: "two GPUs are away" })).body).toEqual(on);
    expect((await admin(gateway, "GET", "/degraded")).body).toEqual(on);
    expect(await metrics(gateway)).toContain("gateway_degraded 1");
    expect((await admin(gateway, "DELETE", "/degraded")).body).toMatchObject({ degraded: false, tasks: [] });
    expect(await metrics(gateway)).toContain("gateway_degraded 0");
  });

  it("refuses priorities and fields that do not exist", async () => {
    const { gateway } = await start(SAY);
    const wrong = await post(gateway, "urgent");
    expect(wrong.status).toBe(422);
    expect(await wrong.json()).toMatchObject({ detail: [{ loc: ["headers", "x-priority"] }] });
    for (const path of ["/degraded", "/drain"]) {
      expect((await admin(gateway, "POST", path, { surprise: 1 })).status).toBe(422);
    }
    expect(gateway.lifecycle.phase).toBe("serving");
  });

  it("serves high, answers normal without the engine, and refuses low in words and figures", async () => {
    const { engine, gateway } = await start(SAY);
    gateway.operations.degraded.enter("operator");
    for (const priority of [undefined, "normal"]) {
      const simple = await post(gateway, priority);
      expect(simple.status).toBe(200);
      expect(await simple.json()).toMatchObject({ degraded: true });
    }
    expect(engine.asked).toHaveLength(0);
    const served = await post(gateway, "high");
    expect(served.status).toBe(200);
    expect(await served.json()).toMatchObject({ model: "m" });
    expect(engine.asked).toHaveLength(1);
    const refused = await post(gateway, "low");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(await refused.json()).toMatchObject({ code: "DEGRADED" });
    expect(await metrics(gateway)).toContain('gateway_rejected_requests_total{route="/news",reason="DEGRADED"} 1');
  });

  it("comes by itself when every engine of a task is down", async () => {
    const { engine, gateway } = await start(SAY);
    await engine.close();
    const statuses: number[] = [];
    // The circuit opens after five failures in a row.
    while (!gateway.operations.degraded.of("news") && statuses.length < 10) {
      statuses.push((await post(gateway)).status);
    }
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(await (await post(gateway)).json()).toMatchObject({ degraded: true });
    expect((await post(gateway, "low")).status).toBe(503);
    expect((await admin(gateway, "GET", "/degraded")).body).toEqual({
      degraded: false,
      reasons: {},
      tasks: ["til", "news", "interview", "chat"],
    });
  });

  it("lets every priority through while it is off", async () => {
    const { gateway } = await start(SAY);
    for (const priority of [undefined, "high", "normal", "low"]) {
      expect((await post(gateway, priority)).status).toBe(200);
    }
  });
});

describe("figures for operators", () => {
  it("show what was served, in time and late", async () => {
    const { gateway } = await start(SAY);
    const before = await admin(gateway, "GET", "/activity");
    expect(before).toEqual({
      status: 200,
      body: {
        queue_length: 0,
        pending_requests: 0,
        in_flight: 0,
        last_request_at: null,
        ttft_ms: { p50: null, p95: null, p99: null },
        processing_ms: { p50: null, p95: null, p99: null },
        tps: 0,
        tpot_ms: null,
        kv_cache_usage: null,
      },
    });
    const since = Date.now();
    for (const user of ["a", "b"]) {
      const response = await gateway.post(TASKS.news.path, { ...NEWS_BODY, stream: true });
      expect(response.status).toBe(200);
      await response.text();
      await (await gateway.post(TASKS.til.path, { ...TIL_BODY, user, stream: true })).text();
    }
    gateway.operations.served({
      task: "til",
      model: "m",
      ttftMs: 9_000,
      tpotMs: 25,
      completionTokens: 60,
      ok: true,
      queuedMs: 0,
      durationMs: 10_000,
      promptTokens: 5,
    });
    const activity = activitySchema.parse((await admin(gateway, "GET", "/activity")).body);
    expect(Date.parse(activity.last_request_at)).toBeGreaterThanOrEqual(since - 1);
    expect(activity.processing_ms.p99).toBeGreaterThan(0);
    expect(activity.ttft_ms.p99).toBe(9_000);
    expect(activity.tps).toBeGreaterThan(0);
    const { sla_ttft_ms: slaTtftMs, ...windows } = goodputSchema.parse((await admin(gateway, "GET", "/goodput")).body);
    expect(slaTtftMs).toBe(2_000);
    for (const window of Object.values(windows)) {
      // Four streams of 2 tokens in time, one of 60 too late.
      expect(window.requests).toBe(5);
      expect(window.sla_compliance_rate).toBe(0.8);
      expect(window.goodput_tps / window.throughput_tps).toBeCloseTo(8 / 68, 2);
    }
    // The TILs' users, and whoever asked for news without naming one.
    expect(/^gateway_active_users .*$/m.exec(await metrics(gateway))?.[0]).toBe("gateway_active_users 3");
  });

  it("are for administrators", async () => {
    const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const { gateway } = await start(SAY, { tokens: [{ name: "ci", role: "service", sha256 }] });
    for (const path of ["/drain", "/degraded", "/goodput", "/activity"]) {
      expect((await admin(gateway, "GET", path)).status).toBe(401);
      const response = await fetch(`${gateway.url}${PATHS.admin}${path}`, {
        headers: { authorization: "Bearer test" },
      });
      expect(response.status).toBe(403);
      await response.text();
    }
  });
});

describe("what /health looks at", () => {
  it("holds what was plugged in, and one failure makes it 503 while /healthz stays up", async () => {
    const { gateway } = await start(SAY, {
      watch: true,
      healthChecks: [{ name: "redis", check: async () => ({ ok: false, reason: "redis does not answer" }) }],
      warmUps: [{ name: "embeddings", need: "none", run: async () => {} }],
    });
    while (!gateway.readiness.ready) await delay(5);
    const response = await fetch(gateway.url + PATHS.health);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail: {
        status: "unhealthy",
        checks: { engine: true, memory: expect.anything(), disk: expect.anything(), redis: false },
        reasons: { redis: "redis does not answer" },
      },
    });
    expect((await fetch(gateway.url + PATHS.healthz)).status).toBe(200);
  });

  it("waits with ready for what it warms up itself", async () => {
    let warm = () => {};
    const warming = new Promise<void>((resolve) => {
      warm = resolve;
    });
    const { gateway } = await start(SAY, {
      watch: true,
      warmUps: [{ name: "embeddings", need: "own", run: () => warming }],
    });
    while (gateway.readiness.states.filter(({ ready }) => ready).length < 1) await delay(5);
    expect((await fetch(gateway.url + PATHS.healthz)).status).toBe(503);
    warm();
    while (!gateway.readiness.ready) await delay(5);
    expect((await fetch(gateway.url + PATHS.healthz)).status).toBe(200);
  });
});
