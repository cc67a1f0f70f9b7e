import { type IncomingMessage, request } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import type { EventSource } from "../../../src/http/streams/event-stream";
import { EventStreams, type OpenStream } from "../../../src/http/streams/event-streams";
import { Lifecycle } from "../../../src/operations/lifecycle";
import { AppError } from "../../../src/shared/errors/app-error";
import { parseEvents } from "../../support/sse";

let app: FastifyInstance | undefined;
let streams: EventStreams | undefined;
afterEach(async () => {
  streams?.stop();
  app?.server.closeAllConnections();
  await app?.close();
});

/** A server whose only route answers from this source. */
async function serve(source: EventSource, pingMs?: number) {
  const lifecycle = new Lifecycle();
  const opened = new EventStreams({ lifecycle, pingMs, headers: () => ({ "x-load": "1" }) });
  streams = opened;
  app = Fastify();
  app.get("/", (incoming, reply) => opened.answer(incoming, reply, source));
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  opened.start();
  return { url, lifecycle };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("EventStreams.answer", () => {
  it("sends the head of an event stream with its headers and the source's", async () => {
    const { url } = await serve({
      headers: { "x-simulated": "true" },
      write: async (events) => {
        await events.send({ text: "한" }, "named");
        events.done();
      },
    });
    const response = await fetch(url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-load": "1",
      "x-simulated": "true",
    });
    expect(await response.text()).toBe('event: named\ndata: {"text":"한"}\n\ndata: [DONE]\n\n');
  });

  it("holds the source back while the client does not read", async () => {
    const text = "x".repeat(64 * 1024);
    let written = 0;
    const { url } = await serve({
      write: async (events) => {
        for (; written < 1_000; written += 1) await events.send({ text });
        events.done();
      },
    });
    const response = await new Promise<IncomingMessage>((resolve) => request(url, resolve).end());
    response.pause();
    await pause(200);
    const held = written;
    await pause(100);
    expect(written).toBe(held);
    expect(held).toBeLessThan(1_000);
    let last = "";
    for await (const bytes of response) last = String(bytes);
    expect(written).toBe(1_000);
    expect(last.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("pings a silent stream between events", async () => {
    const { url } = await serve(
      {
        write: async (events) => {
          await events.send({});
          await pause(120);
          events.done();
        },
      },
      40,
    );
    const text = await (await fetch(url)).text();
    expect(text).toContain(": ping\n\n");
    expect(text.replaceAll(": ping\n\n", "")).toBe("data: {}\n\ndata: [DONE]\n\n");
  });

  it("turns what the source throws into an error event", async () => {
    const { url } = await serve({
      write: async () => {
        throw new AppError("ENGINE_BAD_REPLY");
      },
    });
    const events = parseEvents(await (await fetch(url)).text());
    expect(events).toMatchObject([{ name: "error", data: { code: "ENGINE_BAD_REPLY" } }]);
  });

  it("cancels the source when the stream is cut, and writes nothing of it afterwards", async () => {
    let cancel = () => {};
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    const { url, lifecycle } = await serve({
      write: async (events) => {
        await events.send({ text: "before" });
        await cancelled;
        await events.send({ text: "after" });
        events.done();
      },
      cancel: () => cancel(),
    });
    const response = await fetch(url);
    lifecycle.startDraining("preemption");
    lifecycle.cut();
    const events = parseEvents(await response.text());
    expect(events.map(({ name }) => name)).toEqual([undefined, "draining", "error"]);
    expect(events.at(-1)).toMatchObject({ data: { code: "DRAINING" } });
  });
});

describe("EventStreams", () => {
  function streamOf(calls: string[]): OpenStream {
    return {
      ping: () => void calls.push("ping"),
      draining: ({ reason }) => void calls.push(`draining: ${reason}`),
      cut: () => void calls.push("cut"),
    };
  }

  it("notifies open streams of drain and cut, and later ones when they begin", () => {
    const lifecycle = new Lifecycle();
    const streams = new EventStreams({ lifecycle });
    const early: string[] = [];
    const gone: string[] = [];
    const late: string[] = [];
    const last: string[] = [];
    streams.add(streamOf(early));
    const leaves = streamOf(gone);
    streams.add(leaves);
    streams.delete(leaves);
    lifecycle.startDraining("preemption");
    streams.add(streamOf(late));
    lifecycle.cut();
    streams.add(streamOf(last));
    expect(early).toEqual(["draining: preemption", "cut"]);
    expect(gone).toEqual([]);
    expect(late).toEqual(["draining: preemption", "cut"]);
    expect(last).toEqual(["draining: preemption", "cut"]);
  });
});
