import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { PATHS } from "../../../src/contract/endpoints";
import { ANSWER_NEWS, startAdminGateway } from "./admin/admin-gateway";

describe("/health with checks of its own", () => {
  it("is 503 when one configured check fails, while /healthz stays 200", async () => {
    const { gateway } = await startAdminGateway(ANSWER_NEWS, {
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

  it("leaves /healthz at 503 until the instance's own warm-up is done", async () => {
    let warm = () => {};
    const warming = new Promise<void>((resolve) => {
      warm = resolve;
    });
    const { gateway } = await startAdminGateway(ANSWER_NEWS, {
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
