import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { PATHS } from "../../src/contract/endpoints";
import { startSimulatedGateway } from "../support/gateway";
import { sendBytes } from "../support/raw-connection";

const TOKEN = "hostile-connections";
const ADMIN = `${PATHS.admin}/degraded`;

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  const sha256 = createHash("sha256").update(TOKEN).digest("hex");
  gateway = await startSimulatedGateway({ tokens: [{ name: "ops", role: "admin", users: ["*"], sha256 }] });
});
afterAll(() => gateway.close());

const AUTHORIZATION = `Authorization: Bearer ${TOKEN}`;
/** What somebody would have run in the name of the next request on a connection that a proxy shares. */
const HIDDEN = `POST ${ADMIN} HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
const CHUNKED = "Transfer-Encoding: chunked";
const LENGTH = `Content-Length: ${HIDDEN.length}`;

/** Framings on which two servers may disagree: RFC 9112 §6.3, §7.1. */
const FRAMINGS: readonly (readonly [string, string])[] = [
  ["a length beside chunks", `${LENGTH}\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`],
  ["chunks beside a length", `${CHUNKED}\r\n${LENGTH}\r\n\r\n0\r\n\r\n`],
  ["two lengths", `Content-Length: 0\r\n${LENGTH}\r\n\r\n`],
  ["a list of lengths", `Content-Length: 0, ${HIDDEN.length}\r\n\r\n`],
  ["a length with a sign", "Content-Length: +0\r\n\r\n"],
  ["a length in hexadecimal", "Content-Length: 0x0\r\n\r\n"],
  ["a space before the colon", `Transfer-Encoding : chunked\r\n${LENGTH}\r\n\r\n`],
  ["another encoding last", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"],
  ["an encoding that is no chunked", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
  ["a folded header", `Transfer-Encoding:\r\n chunked\r\n${LENGTH}\r\n\r\n0\r\n\r\n`],
  ["a chunk's size that is no number", `${CHUNKED}\r\n\r\nzz\r\n\r\n`],
  ["a chunk longer than its size", `${CHUNKED}\r\n\r\n1\r\nabc\r\n0\r\n\r\n`],
  ["lines that end in LF alone", `${CHUNKED}\n\n0\n\n`],
];

describe("a request with another hidden behind it", () => {
  it.each(FRAMINGS)("is 400 and ends the connection, the hidden one unread: %s", async (_what, framing) => {
    const head = `POST /news HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\n`;
    const { all } = await sendBytes(gateway.url, `${head}${framing}${HIDDEN}`);
    const statuses = [...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
    expect(statuses.at(-1)).toBe(400);
    expect(statuses).not.toContain(200);
    expect(gateway.operations.degraded.active).toBe(false);
  });

  it("is refused alone where its body is the hidden one", async () => {
    const head = `POST /news HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${LENGTH}\r\n\r\n`;
    const { all } = await sendBytes(
      gateway.url,
      `${head}${HIDDEN}GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    expect([...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(["401", "200"]);
    expect(gateway.operations.degraded.active).toBe(false);
  });
});

describe("a header of an answer", () => {
  it.each([
    ["a path", "GET /a%0d%0aX-Planted:%201 HTTP/1.1\r\nHost: a\r\n"],
    ["a query", "GET /health/live?a=%0d%0aX-Planted:%201 HTTP/1.1\r\nHost: a\r\n"],
    ["a request's id", "GET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\rX-Planted: 1\r\n"],
    ["a Host", "GET /a HTTP/1.1\r\nHost: a%0d%0aX-Planted: 1\r\n"],
    ["an Origin", "GET /a HTTP/1.1\r\nHost: a\r\nOrigin: http://a\rX-Planted: 1\r\n"],
  ])("is none of what a client wrote into %s", async (_what, head) => {
    const answer = await sendBytes(gateway.url, `${head}Connection: close\r\n\r\n`);
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.head).not.toMatch(/^x-planted/im);
  });
});

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const live = async () => (await fetch(`${gateway.url}/health/live`)).status;

describe("connections that hold on", () => {
  it("are ended with 408 where their headers or bodies drip in, and others are answered meanwhile", async () => {
    const { server } = gateway.app;
    const { headersTimeout, requestTimeout } = server;
    // As configured they would take 20 and 90 s.
    server.headersTimeout = 500;
    server.requestTimeout = 1_000;
    try {
      const dripping = Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const socket = await open();
          const body = `POST /news HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
          socket.write(index % 2 === 0 ? "GET /health/live HTTP/1.1\r\nHost: a\r\nX-Drip: " : body);
          const drip = setInterval(() => socket.write("a"), 100);
          socket.once("close", () => clearInterval(drip));
          return text(socket);
        }),
      );
      while ((await connections()) < 20) await delay(10);
      expect(await live()).toBe(200);
      for (const answer of await dripping) expect(answer).toMatch(/^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s);
    } finally {
      Object.assign(server, { headersTimeout, requestTimeout });
    }
  }, 30_000);

  it("cost little while they are idle: 5,000 of them", async () => {
    const before = process.memoryUsage().rss;
    const sockets: Socket[] = [];
    for (let batch = 0; batch < 50; batch += 1) sockets.push(...(await Promise.all(Array.from({ length: 100 }, open))));
    expect(await live()).toBe(200);
    expect(sockets.filter((socket) => socket.readyState === "open")).toHaveLength(5_000);
    // Of both ends, which are in this process.
    expect((process.memoryUsage().rss - before) / 5_000).toBeLessThan(60_000);
    for (const socket of sockets) socket.destroy();
    while ((await connections()) > 1) await delay(10);
  }, 30_000);
});

const connections = () =>
  new Promise<number>((resolve, reject) => {
    gateway.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
