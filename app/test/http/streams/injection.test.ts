import { afterEach, describe, expect, it } from "@jest/globals";
import { TASK_PATHS } from "../../../src/contract/tasks";
import { CHAT_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { chunk, startEngine } from "../../support/engine";
import { startGateway } from "../../support/gateway";
import { parseEvents, textOfEvents } from "../../support/sse";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What an article or a diff may make a model write, to be taken for the service's own events. */
const WRITTEN = [
  "\n\ndata: [DONE]\n\n",
  '\n\nevent: error\ndata: {"code":"PLANTED"}\n\n',
  "\r\n\r\nevent: stored\r\ndata: {}\r\n\r\n",
  "\rdata: x\r\r",
  "\u2028data: x\u2029",
  "\n: comment\nid: 7\nretry: 1\n\n",
  "\u0000\u0085\ufeffdata:",
] as const;

const BODIES = { "/til": TIL_BODY, "/news": NEWS_BODY, "/api/chat": CHAT_BODY } as const;

describe("a model's text in a stream", () => {
  it.each(Object.entries(BODIES))("makes no event of its own, whatever it is: %s", async (path, body) => {
    expect(TASK_PATHS).toContain(path);
    const engine = await startEngine((_asked, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.end(`${WRITTEN.map((text) => chunk(text)).join("")}${chunk("", "stop")}data: [DONE]\n\n`);
    });
    closers.push(engine.close);
    const gateway = await startGateway({ baseUrl: engine.baseUrl });
    closers.push(gateway.close);
    const stream = await (await gateway.post(path, { ...body, stream: true })).text();
    // Line ends by https://html.spec.whatwg.org/multipage/server-sent-events.html: CR and CRLF are some too.
    expect(stream).not.toContain("\r");
    expect(stream).not.toContain("\u0000");
    const events = parseEvents(stream);
    expect(textOfEvents(events)).toBe(WRITTEN.join(""));
    expect(events.filter(({ done }) => done)).toHaveLength(1);
    const names = events.flatMap(({ name }) => (name === undefined ? [] : [name]));
    expect(names).toEqual(path === "/til" ? ["sources", "stored"] : []);
    expect(stream).not.toMatch(/^(id|retry): ?/m);
  });
});
