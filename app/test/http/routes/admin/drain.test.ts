import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { PATHS } from "../../../../src/contract/endpoints";
import { TASKS } from "../../../../src/contract/tasks";
import { NEWS_BODY } from "../../../support/bodies";
import { chunk } from "../../../support/engine";
import { parseEvents } from "../../../support/sse";
import { ANSWER_NEWS, admin, metrics, startAdminGateway } from "./admin-gateway";

describe("/api/v1/admin/drain", () => {
  it("takes the instance out of traffic and back, while requests are still served", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
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

  it("is 409 for DELETE while the process stops", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
    gateway.lifecycle.startDraining("signal");
    expect(await admin(gateway, "DELETE", "/drain")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });

  it("sends an event to open streams, and counts each of them and the answers that failed", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { gateway } = await startAdminGateway(async (asked, response) => {
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

describe("a drain whose time is over", () => {
  it("ends a stream with an error event, and an answer that has not begun with 503", async () => {
    const { engine, gateway } = await startAdminGateway((asked, response) => {
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
