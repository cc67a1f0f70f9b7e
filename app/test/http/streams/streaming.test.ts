import { once } from "node:events";
import { afterEach, describe, expect, it } from "@jest/globals";
import { CHAT_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { type Behaviour, chunk, startEngine } from "../../support/engine";
import { startGateway, startSimulatedGateway } from "../../support/gateway";
import { parseEvents, textOfEvents } from "../../support/sse";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function behind(behaviour: Behaviour, options: { timeoutMs?: number; concurrency?: number } = {}) {
  const engine = await startEngine(behaviour);
  closers.push(() => engine.close());
  const gateway = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closers.push(() => gateway.close());
  return { engine, gateway };
}

/** Lines of the counter of a route's answers. */
async function counted(gateway: { readonly url: string }, route: string): Promise<readonly string[]> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return metrics.split("\n").filter((line) => line.startsWith(`gateway_requests_total{route="${route}"`));
}

const STREAM = { ...NEWS_BODY, stream: true };

describe("EventStream of a generated text", () => {
  it("has OpenAI's chunks, usage, and [DONE] at the end", async () => {
    const gateway = await startSimulatedGateway();
    closers.push(() => gateway.close());
    const response = await gateway.post("/til", { ...TIL_BODY, language: "en", stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const events = parseEvents(await response.text());
    expect(events.at(-1)?.done).toBe(true);
    const chunks = events.filter((event) => event.name === undefined && !event.done);
    const pieces = chunks.filter((event) => event.data?.choices?.[0]?.delta.content);
    expect(chunks.at(-1)?.data?.usage?.completion_tokens).toBe(pieces.length);
    expect(chunks.at(-2)?.data?.choices?.[0]?.finish_reason).toBe("stop");
    expect(chunks.every((event) => event.data?.simulated === true)).toBe(true);
    expect(chunks[0]?.data?.object).toBe("chat.completion.chunk");
    expect(textOfEvents(events)).toMatch(/^# Cache cart totals in Redis\n[\s\S]*Keywords: /);
  });

  it("passes text on while the engine still writes", async () => {
    let finish = () => {};
    const { gateway } = await behind((_asked, response) => {
      response.write(chunk("first"));
      finish = () => response.end(`${chunk("last", "stop")}data: [DONE]\n\n`);
    });
    const response = await gateway.post("/news", STREAM);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const early = await reader?.read();
    expect(early?.value).toContain("first");
    finish();
    let rest = "";
    for (let step = await reader?.read(); step?.value !== undefined; step = await reader?.read()) rest += step.value;
    expect(rest).toContain("last");
    expect(rest.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("is an ordinary error answer where the engine fails before its first step", async () => {
    const { gateway } = await behind((_asked, response) => void response.writeHead(500).end("no"));
    const response = await gateway.post("/news", STREAM);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: "ENGINE_BAD_REPLY" });
  });

  it("ends with an error event, and no [DONE], where the engine breaks off", async () => {
    const { gateway } = await behind((_asked, response) => {
      response.write(chunk("half"));
      setTimeout(() => response.destroy(), 20);
    });
    const events = parseEvents(await (await gateway.post("/news", STREAM)).text());
    expect(textOfEvents(events)).toBe("half");
    expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "ENGINE_UNAVAILABLE" } });
  });

  it("ends with an error event where the engine's stream has no [DONE]", async () => {
    const { gateway } = await behind((_asked, response) => void response.end(chunk("half")));
    const events = parseEvents(await (await gateway.post("/news", STREAM)).text());
    expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "ENGINE_BAD_REPLY" } });
  });

  it.each([
    ["/news", STREAM],
    ["/til", { ...TIL_BODY, stream: true }],
    ["/api/chat", CHAT_BODY],
  ])("ends with an error event where the engine sends an event without end: %s", async (path, body) => {
    let sent = 0;
    const { gateway } = await behind(async (_asked, response) => {
      response.write(`${chunk("half")}data: `);
      const part = "x".repeat(64 * 1024);
      for (; sent < 64 * 1024 * 1024 && !response.destroyed; sent += part.length) {
        if (!response.write(part)) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
      response.end();
    });
    const events = parseEvents(await (await gateway.post(path, body)).text());
    expect(textOfEvents(events)).toBe("half");
    expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "ENGINE_BAD_REPLY" } });
    // The limit is 1 MiB; the rest lay in the sockets' buffers.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it("ends with an error event where the engine falls silent", async () => {
    const { gateway } = await behind((_asked, response) => void response.write(chunk("half")), { timeoutMs: 200 });
    const events = parseEvents(await (await gateway.post("/news", STREAM)).text());
    expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "ENGINE_TIMEOUT" } });
  });

  it.each<[string, number, Behaviour]>([
    ["breaks off", 503, (_asked, response) => void response.write(chunk("half"), () => response.destroy())],
    ["has no [DONE]", 502, (_asked, response) => void response.end(chunk("half"))],
    ["falls silent", 504, (_asked, response) => void response.write(chunk("half"))],
  ])("is counted as a failure, not as good, where the engine's stream %s", async (_, status, behaviour) => {
    const { gateway } = await behind(behaviour, { timeoutMs: 200 });
    const bodies = { "/news": STREAM, "/til": { ...TIL_BODY, stream: true }, "/api/chat": CHAT_BODY };
    for (const [route, body] of Object.entries(bodies)) {
      const before = await counted(gateway, route);
      const response = await gateway.post(route, body);
      expect(response.status).toBe(200);
      await response.text();
      const grown = (await counted(gateway, route)).filter((line) => !before.includes(line));
      expect(grown).toEqual([`gateway_requests_total{route="${route}",method="POST",status="${status}"} 1`]);
    }
  });

  it("has an event when the instance drains, and still finishes", async () => {
    let finish = () => {};
    const { gateway } = await behind((_asked, response) => {
      response.write(chunk("before "));
      finish = () => response.end(`${chunk("after", "stop")}data: [DONE]\n\n`);
    });
    const response = await gateway.post("/news", STREAM);
    gateway.lifecycle.startDraining();
    finish();
    const events = parseEvents(await response.text());
    expect(events.filter((event) => event.name === "draining")).toHaveLength(1);
    expect(textOfEvents(events)).toBe("before after");
    expect(events.at(-1)?.done).toBe(true);
  });
});

describe("POST /news whose client leaves", () => {
  for (const stream of [true, false]) {
    it(`cancels the engine's work, ${stream ? "streamed" : "not streamed"}`, async () => {
      let onAsked = () => {};
      const askedOnce = new Promise<void>((resolve) => {
        onAsked = resolve;
      });
      const { engine, gateway } = await behind((_asked, response) => {
        if (stream) response.write(chunk("…"));
        onAsked();
      });
      const leave = new AbortController();
      const answer = gateway
        .post("/news", { ...NEWS_BODY, stream }, { signal: leave.signal })
        .then((response) => response.text());
      await askedOnce;
      leave.abort();
      await expect(answer).rejects.toThrow("aborted");
      await engine.asked[0]?.dropped;
      // The place is free again, and the answer that was not read is counted as 499.
      for (let wait = 0; gateway.models.forTask("news").model.inFlight > 0 && wait < 100; wait += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(gateway.models.forTask("news").model.inFlight).toBe(0);
      expect(await counted(gateway, "/news")).toContain(
        'gateway_requests_total{route="/news",method="POST",status="499"} 1',
      );
    });
  }
});
