import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS } from "../../../../src/contract/endpoints";
import { TASKS } from "../../../../src/contract/tasks";
import { NEWS_BODY, TIL_BODY } from "../../../support/bodies";
import { ANSWER_NEWS, admin, metrics, startAdminGateway } from "./admin-gateway";

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

describe("/api/v1/admin/activity and /goodput", () => {
  it("show the requests that were served, in time and late", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
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
    // The TILs' users, and the caller of the news, whose body names none.
    expect(/^gateway_active_users .*$/m.exec(await metrics(gateway))?.[0]).toBe("gateway_active_users 3");
  });

  it("need a token of role admin, as drain and degraded do", async () => {
    const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const { gateway } = await startAdminGateway(ANSWER_NEWS, { tokens: [{ name: "ci", role: "service", sha256 }] });
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
