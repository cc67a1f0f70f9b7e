import { once } from "node:events";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { ModelPoolOptions } from "../../../src/engines/client/model-pool";
import { INTERVIEW_BODY, TIL_BODY } from "../../support/bodies";
import { type Behaviour, chunk, fail, say, startEngine, TIL_ANSWER } from "../../support/engine";
import { startGateway } from "../../support/gateway";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function behind(
  behaviour: Behaviour,
  options: { timeoutMs?: number; apiKey?: string; concurrency?: number; models?: Partial<ModelPoolOptions> } = {},
) {
  const engine = await startEngine(behaviour);
  closers.push(() => engine.close());
  const gateway = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closers.push(() => gateway.close());
  return { engine, gateway };
}

describe("POST /api/til with a failing engine", () => {
  const cases = [
    { engine: 400, gateway: 502, code: "ENGINE_BAD_REPLY" },
    { engine: 404, gateway: 502, code: "ENGINE_BAD_REPLY" },
    { engine: 408, gateway: 504, code: "ENGINE_TIMEOUT" },
    { engine: 429, gateway: 429, code: "ENGINE_BUSY" },
    { engine: 500, gateway: 502, code: "ENGINE_BAD_REPLY" },
    { engine: 503, gateway: 503, code: "ENGINE_UNAVAILABLE" },
    { engine: 504, gateway: 504, code: "ENGINE_TIMEOUT" },
  ];
  it.each(cases)("answers the engine's $engine with $gateway $code, without its body", async (expected) => {
    const { gateway } = await behind((_asked, response) => fail(response, expected.engine));
    const response = await gateway.post("/til", TIL_BODY);
    const text = await response.text();
    expect(response.status).toBe(expected.gateway);
    expect(JSON.parse(text)).toMatchObject({ code: expected.code });
    expect(text).not.toContain("SECRET");
    expect(response.headers.has("retry-after")).toBe([429, 503].includes(expected.gateway));
  });

  it.each(["text/event-stream", "application/json"])("answers 502 to a reply without end, as %s", async (type) => {
    let sent = 0;
    const { gateway } = await behind(async (_asked, response) => {
      response.setHeader("content-type", type);
      const part = type === "application/json" ? " ".repeat(256 * 1024) : chunk("x".repeat(256 * 1024));
      for (; sent < 256 * 1024 * 1024 && !response.destroyed; sent += part.length) {
        if (!response.write(part)) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
      response.end();
    });
    const response = await gateway.post("/interview", INTERVIEW_BODY);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: "ENGINE_BAD_REPLY" });
    // 16 MiB and what lay in the sockets' buffers.
    expect(sent).toBeLessThan(48 * 1024 * 1024);
  });

  it("reads 16 KiB of an error without end", async () => {
    const { gateway } = await behind(async (_asked, response) => {
      response.writeHead(400);
      while (!response.destroyed) {
        if (!response.write("SECRET".repeat(10_000)))
          await Promise.race([once(response, "drain"), once(response, "close")]);
      }
    });
    const response = await gateway.post("/interview", INTERVIEW_BODY);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain("SECRET");
  });

  it("passes the engine's Retry-After on, up to two minutes", async () => {
    const { gateway } = await behind((_asked, response, attempt) =>
      fail(response, 429, { "retry-after": attempt === 1 ? "7" : "86400" }),
    );
    expect((await gateway.post("/til", TIL_BODY)).headers.get("retry-after")).toBe("7");
    expect((await gateway.post("/til", TIL_BODY)).headers.get("retry-after")).toBe("120");
  });

  it("answers 503 with Retry-After when the engine is unreachable", async () => {
    const { engine, gateway } = await behind((_asked, response) => say(response, TIL_ANSWER));
    await engine.close();
    const response = await gateway.post("/til", TIL_BODY);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.json()).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  it("answers 504 when the engine is late, and cancels its request", async () => {
    const { engine, gateway } = await behind(() => {}, { timeoutMs: 150 });
    const response = await gateway.post("/til", TIL_BODY);
    expect(response.status).toBe(504);
    await engine.asked[0]?.dropped;
  });

  it("answers 504 when the engine begins but does not finish in time", async () => {
    const { gateway } = await behind(
      (_asked, response) => {
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
      },
      { timeoutMs: 200 },
    );
    expect((await gateway.post("/til", TIL_BODY)).status).toBe(504);
  });
});

describe("POST /api/til with an answer of the wrong shape", () => {
  it("retries once with the errors in the second prompt, and counts both attempts", async () => {
    const { engine, gateway } = await behind((_asked, response, attempt) =>
      say(response, attempt === 1 ? "Sure! Here is your TIL." : TIL_ANSWER),
    );
    const response = await gateway.post("/til", TIL_BODY);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ title: "Title", simulated: false, usage: { total_tokens: 30 } });
    expect(engine.asked).toHaveLength(2);
    expect(engine.asked[1]?.body.messages.map((message) => message.role)).toEqual([
      "system",
      "user",
      "assistant",
      "user",
    ]);
    expect(engine.asked[1]?.body.messages[3]?.content).toContain("expected object");
  });

  it("answers 502 after the second one, without a third attempt", async () => {
    const { engine, gateway } = await behind((_asked, response) => say(response, '{"title": 5}'));
    const response = await gateway.post("/til", TIL_BODY);
    expect(response.status).toBe(502);
    expect(engine.asked).toHaveLength(2);
  });

  it("reads the right JSON inside other text", async () => {
    const { engine, gateway } = await behind((_asked, response) =>
      say(response, `Here:\n\`\`\`json\n${TIL_ANSWER}\n\`\`\``),
    );
    expect((await gateway.post("/til", TIL_BODY)).status).toBe(200);
    expect(engine.asked).toHaveLength(1);
  });

  it("answers 502 at once where the protocol itself is wrong", async () => {
    const { engine, gateway } = await behind((_asked, response) => void response.end("<html>"));
    expect((await gateway.post("/til", TIL_BODY)).status).toBe(502);
    expect(engine.asked).toHaveLength(1);
  });
});

describe("the request to an engine", () => {
  it("has the schema, the key, the request's id and its trace", async () => {
    const { engine, gateway } = await behind((_asked, response) => say(response, TIL_ANSWER), { apiKey: "key" });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await gateway.post("/til", TIL_BODY, { headers: { "x-request-id": "req-1", traceparent } });
    expect(engine.asked[0]?.headers).toMatchObject({
      authorization: "Bearer key",
      "x-request-id": "req-1",
      traceparent,
    });
    expect(engine.asked[0]?.body).toMatchObject({
      model: "m",
      response_format: { type: "json_schema", json_schema: { name: "til", strict: true, schema: { type: "object" } } },
    });
  });

  it("has no lock files and no binaries, and the answer lists what was left out", async () => {
    const { engine, gateway } = await behind((_asked, response) => say(response, TIL_ANSWER));
    const patches = [{ commit_message: "Bump", patch: "@@ -1 +1 @@\n+LOCKED" }];
    const files = [
      ...(TIL_BODY.repo[0]?.files ?? []),
      { filepath: "package-lock.json", patches },
      { filepath: "logo.png", patches },
    ];
    await gateway.post("/til", { ...TIL_BODY, repo: [{ name: "shop", files }] });
    const material = engine.asked[0]?.body.messages[1]?.content;
    expect(material).toContain("cartTotal");
    expect(material).not.toContain("LOCKED");
    expect(material).toContain("also changed: package-lock.json, logo.png");
  });
});

describe("POST /api/til with every place taken", () => {
  it("answers 429 with Retry-After, and 200 once a place is free", async () => {
    const finish: (() => void)[] = [];
    const { engine, gateway } = await behind(
      (_asked, response) => {
        finish.push(() => say(response, TIL_ANSWER));
      },
      {
        concurrency: 2,
        models: {
          scheduler: { policy: "prefill", agingTokensPerSecond: 200, maxQueue: 0, queueTimeoutMs: 60_000 },
        },
      },
    );
    const taken = [gateway.post("/til", TIL_BODY), gateway.post("/generate_til", TIL_BODY)];
    while (engine.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    // One model answers every task here, so its places are shared.
    for (const stream of [false, true]) {
      const refused = await gateway.post("/news", { text: "News.", stream });
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toBe("1");
      expect(await refused.json()).toMatchObject({ code: "QUEUE_FULL" });
    }
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('gateway_in_flight_requests{model="m"} 2');
    expect(metrics).toContain('gateway_rejected_requests_total{route="/news",reason="QUEUE_FULL"} 2');
    for (const answer of finish.splice(0)) answer();
    expect((await Promise.all(taken)).map((response) => response.status)).toEqual([200, 200]);
    const next = gateway.post("/til", TIL_BODY);
    while (finish.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    finish[0]?.();
    expect((await next).status).toBe(200);
  });
});
