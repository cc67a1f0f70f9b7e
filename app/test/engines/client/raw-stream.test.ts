import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Usage } from "../../../src/engines/client/protocol";
import { RawStream } from "../../../src/engines/client/raw-stream";
import type { AppError } from "../../../src/shared/errors/app-error";
import { chunk, fail } from "../../support/engine";
import { cutBytes } from "./cut-bytes";
import { Closing, call, ending, HELLO, stream } from "./pool";

const opened = new Closing();
afterEach(() => opened.all());

/** Collects what is written. */
function sink(highWaterMark = 16_384) {
  const output = new PassThrough({ highWaterMark });
  const text = (async () => {
    let all = "";
    for await (const part of output.setEncoding("utf8")) all += part;
    return all;
  })();
  return { output, text };
}

const words = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { minLength: 1, maxLength: 8 });

describe("RawStream, wherever its bytes are cut", () => {
  const controller = { aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {} };
  const exchange = { requestId: "r", signal: new AbortController().signal, timeoutMs: 1_000, silenceMs: 1_000 };

  interface Seen {
    readonly text: string;
    readonly firstTexts: number;
    readonly usage: Usage | undefined;
    readonly error: AppError | undefined;
  }

  async function pass(body: string, cuts: readonly number[]): Promise<Seen> {
    const raw = new RawStream(exchange);
    raw.opened.catch(() => {});
    let firstTexts = 0;
    let usage: Usage | undefined;
    let error: AppError | undefined;
    raw.watch({
      firstText: () => {
        firstTexts += 1;
      },
      ended: (counted) => {
        usage = counted;
      },
      failed: (thrown) => {
        error = thrown;
      },
    });
    raw.onRequestStart(controller);
    raw.onResponseStart(controller, 200, {});
    for (const part of cutBytes(Buffer.from(body), cuts)) raw.onResponseData(controller, part);
    raw.onResponseEnd();
    const { output, text } = sink();
    await raw.pipe(output).catch(() => {});
    output.end();
    return { text: await text, firstTexts, usage, error };
  }

  const body = fc.record({
    words: words.filter((texts) => texts.some((text) => text !== "")),
    cuts: fc.array(fc.nat(3_000)),
  });

  it("passes every byte on, and reports first text, end and tokens once", async () => {
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const sent = `${chunk("")}${given.words.map((word) => chunk(word)).join("")}${ending(given.words.length)}`;
        expect(await pass(sent, given.cuts)).toEqual({
          text: sent,
          firstTexts: 1,
          usage: { prompt_tokens: 7, completion_tokens: given.words.length, total_tokens: 7 + given.words.length },
          error: undefined,
        });
      }),
    );
  });

  it("fails where the stream ends without [DONE], and passes no engine error on", async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (given, tells) => {
        const begun = given.words.map((word) => chunk(word)).join("");
        const error = 'data: {"error":{"message":"SECRET"}}\n\ndata: [DONE]\n\n';
        const seen = await pass(begun + (tells ? error : ""), given.cuts);
        expect(seen.error).toMatchObject({ code: "ENGINE_BAD_REPLY" });
        expect(seen.text).not.toContain("SECRET");
        expect(begun.startsWith(seen.text)).toBe(true);
      }),
    );
  });

  it("passes on a text that quotes an error event", async () => {
    const sent = chunk('data: {"error": 1}') + ending(1);
    expect(await pass(sent, [])).toMatchObject({ text: sent, error: undefined });
  });

  const rubbish: [string, string][] = [
    ["no JSON", "data: {not json\n\n"],
    ["no JSON, though in brackets", "data: {SECRET}\n\n"],
    ["JSON of another shape", 'data: {"SECRET":1}\n\n'],
    ["null", "data: null\n\n"],
    ["an error by name", 'event: error\ndata: {"message":"SECRET"}\n\n'],
    ["an error by name with a chunk", `event: error\n${chunk("SECRET")}`],
    ["an error after other fields", 'data: {"id":1,"error":{"message":"SECRET"},"choices":[]}\n\n'],
    ["an event without end", `data: ${"SECRET".repeat(200_000)}`],
  ];
  it.each(rubbish)("is cut off with 502 by %s", async (_what, event) => {
    for (const cuts of [[], [40, 60, 90]]) {
      const seen = await pass(chunk("x") + event + ending(1), cuts);
      expect(seen.error).toMatchObject({ code: "ENGINE_BAD_REPLY" });
      expect(chunk("x").startsWith(seen.text)).toBe(true);
    }
  });

  it("passes comments, other fields and chunks of several lines on", async () => {
    const several = 'id: 7\ndata: {"choices":\ndata: []}\n\n';
    const sent = `: ping\n\n${chunk("event: error\n")}${several}${ending(1)}`;
    expect(await pass(sent, [])).toMatchObject({ text: sent, error: undefined });
  });

  it("adds the empty line that the last event lacks", async () => {
    const { text, error } = await pass(`${chunk("x")}data: [DONE]`, []);
    expect(error).toBeUndefined();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});

describe("EngineClient.openRaw", () => {
  it("passes a stream through, and counts its tokens", async () => {
    const engine = await opened.engine((_asked, response) => stream(response, "Hello", " there"));
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    const { raw, model, simulated } = await pool.forTask("chat").streamRaw(HELLO, call());
    const { output, text } = sink();
    await raw.pipe(output);
    output.end();
    expect(await text).toBe(chunk("Hello") + chunk(" there") + ending(2));
    expect([model, simulated]).toEqual(["m", false]);
    expect(served).toMatchObject([{ task: "chat", ok: true, completionTokens: 2, promptTokens: 7 }]);
    expect(served[0]?.ttftMs).toBeGreaterThan(0);
    expect(pool.forTask("chat").model.inFlight).toBe(0);
  });

  it("is retried before the first event, and fails after it", async () => {
    const engine = await opened.engine((_asked, response, attempt) => {
      if (attempt === 1) return fail(response, 503);
      response.write(chunk("half"));
      setTimeout(() => response.destroy(), 10);
    });
    const { pool, served } = opened.pool({ baseUrl: engine.baseUrl });
    const { raw } = await pool.forTask("chat").streamRaw(HELLO, call());
    const { output, text } = sink();
    await expect(raw.pipe(output)).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    output.end();
    expect(await text).toBe(chunk("half"));
    expect(engine.asked).toHaveLength(2);
    expect(served).toMatchObject([{ ok: false, completionTokens: 1 }]);
  });

  it("rejects with the engine's status where it refuses", async () => {
    const engine = await opened.engine((_asked, response) => fail(response, 400));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const failure = pool.forTask("chat").streamRaw(HELLO, call());
    await expect(failure).rejects.toMatchObject({ code: "ENGINE_BAD_REPLY" });
    await expect(failure).rejects.not.toThrow("SECRET");
  });

  it.each([0, 1])(
    "cancels the engine's work when the client leaves, before or after the first event",
    async (events) => {
      const leave = new AbortController();
      let asked = () => {};
      const begun = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const engine = await opened.engine((_asked, response) => {
        if (events > 0) response.write(chunk("…"));
        asked();
      });
      const { pool } = opened.pool({ baseUrl: engine.baseUrl });
      const answer = pool.forTask("chat").streamRaw(HELLO, call(leave.signal));
      const piped = answer.then(({ raw }) => raw.pipe(sink().output));
      await begun;
      if (events > 0) await answer;
      leave.abort();
      await expect(piped).rejects.toMatchObject({ code: "CLIENT_CLOSED_REQUEST" });
      await engine.asked[0]?.dropped;
      expect(pool.forTask("chat").model.inFlight).toBe(0);
    },
  );

  it("returns 504 when the engine falls silent", async () => {
    const engine = await opened.engine((_asked, response) => void response.write(chunk("…")));
    const { pool } = opened.pool({ baseUrl: engine.baseUrl, timeoutMs: 100 });
    const { raw } = await pool.forTask("chat").streamRaw(HELLO, call());
    await expect(raw.pipe(sink().output)).rejects.toMatchObject({ code: "ENGINE_TIMEOUT" });
  });

  it("pauses the engine while the client reads nothing, and loses no byte", async () => {
    const word = "x".repeat(16 * 1024);
    const sent = 800;
    let written = 0;
    const engine = await opened.engine(async (_asked, response) => {
      for (; written < sent && !response.destroyed; written += 1) {
        if (!response.write(chunk(word))) await once(response, "drain");
      }
      response.end(ending(sent));
    });
    const { pool } = opened.pool({ baseUrl: engine.baseUrl });
    const { raw } = await pool.forTask("chat").streamRaw(HELLO, call());
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let received = 0;
    const slow = new Writable({
      highWaterMark: 64 * 1024,
      async write(part: Buffer, _encoding, done) {
        await gate;
        received += part.length;
        done();
      },
    });
    const piped = raw.pipe(slow);
    // Sockets and buffers fill; then the engine must wait.
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written).toBeLessThan(sent);
    expect(slow.writableLength).toBeLessThan(1024 * 1024);
    release();
    await piped;
    slow.end();
    await once(slow, "finish");
    expect(received).toBe(chunk(word).length * sent + ending(sent).length);
  });
});
