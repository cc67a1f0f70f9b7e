import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { LOG_MASKING, maskUrl } from "../../../src/shared/redaction/log-masking";
import { startSimulatedGateway } from "../../support/gateway";
import { sendBytes } from "../../support/raw-connection";

let text = "";
const out = new Writable({
  write(chunk: Buffer, _encoding, done) {
    text += chunk.toString();
    done();
  },
});

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ logger: pino({ ...LOG_MASKING }, out) });
});
afterAll(() => gateway.close());

const GITHUB = `ghp_${"a1B2c3D4e5".repeat(4)}`.slice(0, 40);

/** The lines of one request, and the id that it was given. */
async function logged(path: string, headers: Readonly<Record<string, string>> = {}) {
  text = "";
  const response = await fetch(gateway.url + path, { headers });
  await response.text();
  await new Promise((resolve) => setImmediate(resolve));
  return { lines: text, id: response.headers.get("x-request-id") };
}

describe("the log of requests", () => {
  it.each([
    ["a token in the query", "/nothere?access_token=Zx8Qa0", ["Zx8Qa0"]],
    ["an encoded address in the query", "/nothere?e=kim%40example.com", ["kim%40", "kim@"]],
    ["an encoded address in the path", "/nothere/kim%40example.com", ["kim%40", "kim@"]],
    ["personal numbers in the path", "/nothere/010-9876-5432/900101-1234568", ["010-9876", "900101-1234568"]],
    ["a key in the path", `/nothere/${GITHUB}`, [GITHUB]],
    ["a key in the query's names", `/nothere?${GITHUB}`, [GITHUB]],
    ["a password in a route's query", "/healthz?password=hunter2", ["hunter2"]],
  ])("hides %s", async (_what, path, secrets) => {
    const { lines } = await logged(path);
    if (!path.startsWith("/healthz")) expect(lines).toContain('"url":"/nothere');
    for (const secret of secrets) expect(lines).not.toContain(secret);
  });

  it("replaces a request id that holds a secret, in the answer too", async () => {
    const { lines, id } = await logged("/nothere", { "x-request-id": GITHUB });
    expect(lines).not.toContain(GITHUB);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines).toContain(id);
    expect((await logged("/nothere", { "x-request-id": "build-1742.3" })).id).toBe("build-1742.3");
  });

  it("keeps a line short, whatever the length of the path", async () => {
    const { lines } = await logged(`/${"a".repeat(12_000)}`);
    expect(lines.length).toBeLessThan(1_500);
  });

  it("has one line for a request that no route takes, short whatever its path, query and Host are", async () => {
    for (const line of [`GET /${"a".repeat(15_000)}`, `POST /?${"b=c&".repeat(3_500)}`, "PURGE /til"]) {
      for (const host of ["a", "h".repeat(1_000)]) {
        text = "";
        await sendBytes(gateway.url, `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect(text.trim().split("\n")).toHaveLength(1);
        expect(text).toContain('"url":"/');
        expect(text.length).toBeLessThan(1_500);
      }
    }
  });
});

describe("maskUrl", () => {
  it("leaves paths, and flags and small numbers of a query, as they are", () => {
    expect(maskUrl("/til?explain=true&page=12")).toBe("/til?explain=true&page=12");
    expect(maskUrl("/%E0%A4%A")).toBe("/%E0%A4%A");
    expect(maskUrl("/a?b=c?d")).toBe("/a?b=***masked***");
  });
});
