import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS } from "../../../src/contract/endpoints";
import { fail, say, startEngine } from "../../support/engine";
import { type RunningGateway, startGateway, startSimulatedGateway } from "../../support/gateway";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function status(gateway: Pick<RunningGateway, "url">, path: string): Promise<number> {
  const response = await fetch(gateway.url + path);
  await response.text();
  return response.status;
}

/** Repeats the request until the path answers with the status; fails after a second. */
async function until(gateway: Pick<RunningGateway, "url">, path: string, expected: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await status(gateway, path)) === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} never answered ${expected}`);
}

describe("Readiness", () => {
  it("turns ready with the engine's first token, not with the process", async () => {
    let loaded = false;
    const engine = await startEngine((_asked, response) => (loaded ? say(response, "p") : fail(response, 503)));
    closers.push(() => engine.close());
    const gateway = await startGateway({ baseUrl: engine.baseUrl, watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 503);
    while (engine.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const waiting = await fetch(`${gateway.url}/health/ready`);
    expect(waiting.status).toBe(503);
    expect(waiting.headers.get("retry-after")).toBe("5");
    const body = JSON.stringify(await waiting.json());
    expect(body).toMatch(/NOT_READY.*|model m is warming up \(attempt \d+: ENGINE_UNAVAILABLE\)/);
    expect(body).not.toContain("SECRET");
    expect(body).not.toContain("127.0.0.1");
    expect(await status(gateway, "/health/live")).toBe(200);
    loaded = true;
    await until(gateway, "/healthz", 200);
    expect(await status(gateway, "/health/ready")).toBe(200);
    expect(engine.asked[0]?.body.max_tokens).toBe(1);
  });

  it("turns not ready when the engine stops answering", async () => {
    const engine = await startEngine((_asked, response) => say(response, "p"));
    const gateway = await startGateway({ baseUrl: engine.baseUrl, watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 200);
    await engine.close();
    await until(gateway, "/healthz", 503);
    expect(await status(gateway, "/health/live")).toBe(200);
  });

  it("turns ready again once the engine has generated a token", async () => {
    const engine = await startEngine((_asked, response) => say(response, "p"));
    closers.push(() => engine.close());
    const gateway = await startGateway({ baseUrl: engine.baseUrl, watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 200);
    engine.hang(true);
    await until(gateway, "/healthz", 503);
    engine.hang(false);
    await until(gateway, "/healthz", 200);
    expect(engine.asked).toHaveLength(2);
  });

  it("names what the engine serves where it refuses the configured name, which is then not available", async () => {
    const message = "The model `m` does not exist. Valid aliases: gemma3-12b-it-gptq.";
    const engine = await startEngine(
      (_asked, response) =>
        void response.writeHead(404).end(JSON.stringify({ error: { message, type: "NotFoundError", code: 404 } })),
      { models: [{ id: "gemma3-12b-it-gptq" }, { id: "an-adapter", parent: "gemma3-12b-it-gptq" }] },
    );
    closers.push(() => engine.close());
    const gateway = await startGateway({ baseUrl: engine.baseUrl, watch: true });
    closers.push(() => gateway.close());
    const refused = /model m is warming up \(attempt \d+: no engine serves that name; valid are gemma3-12b-it-gptq\)/;
    let waiting: string;
    do {
      const response = await fetch(`${gateway.url}/health/ready`);
      expect(response.status).toBe(503);
      waiting = await response.text();
    } while (!refused.test(waiting));
    const { data } = z
      .object({ data: z.array(z.object({ available: z.boolean() })) })
      .parse(await (await fetch(gateway.url + PATHS.chatModels)).json());
    expect(data.map(({ available }) => available)).toEqual([false, false]);
  });

  it("takes the model's name from an engine that is configured without one", async () => {
    const engine = await startEngine((_asked, response) => say(response, "p"));
    closers.push(() => engine.close());
    const gateway = await startGateway({ baseUrl: engine.baseUrl, unnamed: true, watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 200);
    expect(engine.asked[0]?.body.model).toBe("m");
    expect(gateway.readiness.states).toMatchObject([{ name: "model m", ready: true }]);
  });
});

describe("/health", () => {
  it("shows the outcome of every check", async () => {
    const gateway = await startSimulatedGateway({ watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 200);
    const response = await fetch(`${gateway.url}/health`);
    const body = await response.json();
    expect(body).toMatchObject({ status: "healthy", checks: { engine: true, memory: true, disk: true } });
    expect(response.status).toBe(200);
  });

  it("is 503 with the same object as detail where a check fails, as in FastAPI", async () => {
    const gateway = await startSimulatedGateway();
    closers.push(() => gateway.close());
    const response = await fetch(`${gateway.url}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      detail: {
        status: "unhealthy",
        checks: { engine: false },
        reasons: { engine: expect.stringContaining("warming up") },
      },
      code: "UNHEALTHY",
      request_id: response.headers.get("x-request-id"),
    });
  });
});

describe("a draining gateway", () => {
  it("is not ready at once, stays live, still answers, and closes connections", async () => {
    const gateway = await startSimulatedGateway({ watch: true });
    closers.push(() => gateway.close());
    await until(gateway, "/healthz", 200);
    gateway.lifecycle.startDraining();
    for (const path of ["/healthz", "/health/ready", "/health"]) expect(await status(gateway, path)).toBe(503);
    expect(await status(gateway, "/health/live")).toBe(200);
    const answered = await gateway.post("/news", { text: "It still answers." });
    expect(answered.status).toBe(200);
    expect(answered.headers.get("connection")).toBe("close");
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain("gateway_ready 0");
  });

  it("refuses new requests once the listener is closed, in the shape of every error", async () => {
    const gateway = await startSimulatedGateway();
    closers.push(() => gateway.close());
    gateway.lifecycle.startClosing();
    const refused = await gateway.post("/news", { text: "Too late." });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "DRAINING" });
  });
});
