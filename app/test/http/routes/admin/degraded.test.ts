import { describe, expect, it } from "@jest/globals";
import { TASK_NAMES, TASKS } from "../../../../src/contract/tasks";
import { NEWS_BODY } from "../../../support/bodies";
import type { RunningGateway } from "../../../support/gateway";
import { ANSWER_NEWS, admin, metrics, startAdminGateway } from "./admin-gateway";

describe("/api/v1/admin/degraded", () => {
  const post = (gateway: RunningGateway, priority?: string) =>
    gateway.post(TASKS.news.path, NEWS_BODY, { headers: priority === undefined ? {} : { "x-priority": priority } });

  it("switches degraded mode on and off, with a note", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
    expect((await admin(gateway, "GET", "/degraded")).body).toEqual({ degraded: false, reasons: {}, tasks: [] });
    const on = {
      degraded: true,
      reasons: { operator: "two GPUs are away" },
      tasks: TASK_NAMES,
    };
    expect((await admin(gateway, "POST", "/degraded", { note: "two GPUs are away" })).body).toEqual(on);
    expect((await admin(gateway, "GET", "/degraded")).body).toEqual(on);
    expect(await metrics(gateway)).toContain("gateway_degraded 1");
    expect((await admin(gateway, "DELETE", "/degraded")).body).toMatchObject({ degraded: false, tasks: [] });
    expect(await metrics(gateway)).toContain("gateway_degraded 0");
  });

  it("refuses unknown priorities and fields with 422", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
    const wrong = await post(gateway, "urgent");
    expect(wrong.status).toBe(422);
    expect(await wrong.json()).toMatchObject({ detail: [{ loc: ["headers", "x-priority"] }] });
    for (const path of ["/degraded", "/drain"]) {
      expect((await admin(gateway, "POST", path, { surprise: 1 })).status).toBe(422);
    }
    expect(gateway.lifecycle.phase).toBe("serving");
  });

  it("serves priority high, answers normal without the engine, refuses low with 503 and counts it", async () => {
    const { engine, gateway } = await startAdminGateway(ANSWER_NEWS);
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

  it("shows the tasks whose engines are all down, which degrade without an operator", async () => {
    const { engine, gateway } = await startAdminGateway(ANSWER_NEWS);
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
      tasks: TASK_NAMES,
    });
  });

  it("serves every priority while degraded mode is off", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS);
    for (const priority of [undefined, "high", "normal", "low"]) {
      expect((await post(gateway, priority)).status).toBe(200);
    }
  });
});
