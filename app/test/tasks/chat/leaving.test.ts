import { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "@jest/globals";
import Fastify from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { singleModelTable } from "../../../src/config/model-table";
import { TASKS } from "../../../src/contract/tasks";
import { ModelPool } from "../../../src/engines/client/model-pool";
import { validatorCompiler } from "../../../src/http/errors/validation";
import { EventStreams } from "../../../src/http/streams/event-streams";
import { DegradedMode } from "../../../src/operations/degraded/degraded-mode";
import { Lifecycle } from "../../../src/operations/lifecycle";
import { chatRoutes } from "../../../src/tasks/chat/route";
import { ending, stream } from "../../engines/client/pool";
import { chunk } from "../../support/engine";
import { parseEvents, textOfEvents } from "../../support/sse";
import { Opened, PROMPT, pieces, send } from "./chat-gateway";

const opened = new Opened();
afterEach(() => opened.close());

describe("POST /api/chat on an instance that drains", () => {
  it("puts the notice between two events, never inside one, and continues to the end", async () => {
    const event = chunk("after");
    let goOn = async (_text: string) => {};
    let finish = () => {};
    const { gateway } = await opened.behind(async (_asked, response) => {
      await send(response, chunk("before ") + event.slice(0, 20));
      goOn = (text) => send(response, text);
      finish = () => response.end(ending(2));
    });
    const { next, rest } = pieces(await gateway.post(TASKS.chat.path, { messages: PROMPT }));
    const first = await next();
    gateway.lifecycle.startDraining("operator");
    const notice = await next();
    await goOn(event.slice(20));
    finish();
    const events = parseEvents(`${first}${notice}${await rest()}`);
    expect(events.map(({ name, done }) => name ?? done)).toEqual([false, "draining", false, false, false, true]);
    expect(events[1]?.data).toMatchObject({ code: "DRAINING", resume: "repeat", cut_at: null });
    expect(textOfEvents(events)).toBe("before after");
  });

  it("begins with the notice where the stream begins after the drain", async () => {
    const { gateway } = await opened.behind((_asked, response) => stream(response, "Hi"));
    gateway.lifecycle.startDraining("operator");
    const response = await gateway.post(TASKS.chat.path, { messages: PROMPT });
    expect(response.headers.get("connection")).toBe("close");
    expect(parseEvents(await response.text()).map(({ name }) => name)[0]).toBe("draining");
  });

  it("cuts streams with an error event when the time is over, and counts no failure of the engine", async () => {
    const { engine, gateway } = await opened.behind((_asked, response) => void response.write(chunk("half")));
    const breaker = gateway.models.forTask("chat").model.endpoints[0]?.breaker;
    // One more than failures that would open the circuit.
    const streams = await Promise.all(
      Array.from({ length: 6 }, async () => pieces(await gateway.post(TASKS.chat.path, { messages: PROMPT }))),
    );
    const first = await Promise.all(streams.map(({ next }) => next()));
    gateway.lifecycle.cut();
    for (const [index, { rest }] of streams.entries()) {
      const events = parseEvents(`${first[index]}${await rest()}`);
      expect(textOfEvents(events)).toBe("half");
      expect(events.at(-1)).toMatchObject({ name: "error", data: { code: "DRAINING" } });
    }
    for (const { dropped } of engine.asked) await dropped;
    expect(breaker?.state).toBe("closed");
    expect(gateway.models.forTask("chat").model.inFlight).toBe(0);
  });
});

describe("POST /api/chat while the engine is silent", () => {
  it("sends a ping in a silent stream, and none in one with text", async () => {
    const lines: string[] = [];
    const engine = await opened.engine(async ({ body }, response) => {
      await send(response, chunk("first"));
      const talks = body.messages[0]?.content === "talk";
      for (let time = 0; time < 12; time += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (talks) await send(response, chunk("."));
      }
      response.end(ending(1));
    });
    const models = new ModelPool({
      table: singleModelTable({ baseUrl: engine.baseUrl, model: "m", concurrency: 2 }),
      timeoutMs: 5_000,
    });
    const log = new Writable({
      write(line: Buffer, _encoding, done) {
        lines.push(line.toString());
        done();
      },
    });
    const app = Fastify({ logger: { level: "info", stream: log } });
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    const streams = new EventStreams({ lifecycle: new Lifecycle(), pingMs: 40 });
    await app.register(chatRoutes, { models, streams, degraded: new DegradedMode() });
    streams.start();
    try {
      const url = await app.listen({ port: 0, host: "127.0.0.1" });
      const ask = async (content: string) => {
        const response = await fetch(url + TASKS.chat.path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ messages: [{ role: "user", content }] }),
        });
        return response.text();
      };
      const [silent, talking] = await Promise.all([ask("be silent"), ask("talk")]);
      const pings = silent.split(": ping\n\n").length - 1;
      expect(pings).toBeGreaterThanOrEqual(1);
      expect(pings).toBeLessThanOrEqual(4);
      expect(silent.replaceAll(": ping\n\n", "")).toBe(chunk("first") + ending(1));
      expect(talking).not.toContain("ping");
      const processed = lines.filter((line) => line.includes("Chat request processed"));
      expect(processed).toHaveLength(2);
      expect(JSON.parse(processed[0] ?? "")).toMatchObject({ model: "m", input_tokens: 7, output_tokens: 1 });
      expect(lines.join("")).not.toContain("be silent");
    } finally {
      streams.stop();
      app.server.closeAllConnections();
      await app.close();
      await models.close();
    }
  });
});
