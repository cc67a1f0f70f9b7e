import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { PATHS } from "../../../src/contract/endpoints";
import { TASKS } from "../../../src/contract/tasks";
import { NEWS_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeEach(async () => {
  // Every request is an admin's: nothing but the rule for other sites can refuse one.
  gateway = await startSimulatedGateway();
});
afterEach(() => gateway.close());

/** Sends exactly these headers, as a browser does and `fetch` of Node does not. */
function send(path: string, headers: Readonly<Record<string, string>>, body = "{}", method = "POST"): Promise<number> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, method, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end(method === "GET" ? "" : body);
  });
}

const DRAIN = `${PATHS.admin}/drain`;
const DEGRADED = `${PATHS.admin}/degraded`;
const JSON_TYPE = { "content-type": "application/json" };

/** What Chromium and older browsers send for a page on http://evil.test. */
const FOREIGN = {
  "fetch with no-cors": { origin: "http://evil.test", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
  "fetch with no-cors and a text body": { origin: "http://evil.test", "content-type": "text/plain;charset=UTF-8" },
  "a form": { origin: "http://evil.test", "content-type": "application/x-www-form-urlencoded" },
  "a sandboxed frame": { origin: "null", ...JSON_TYPE },
  "another site's page, if it could send JSON": { "sec-fetch-site": "cross-site", ...JSON_TYPE },
  "another port's page": { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site", ...JSON_TYPE },
  "a browser that names no origin": { "content-type": "text/plain" },
  "no type at all": {},
} as const;

describe("a request without a token", () => {
  it.each(Object.entries(FOREIGN))("is refused, and changes nothing, from %s", async (_what, headers) => {
    for (const path of [DRAIN, DEGRADED]) expect([403, 415]).toContain(await send(path, headers));
    for (const path of [DRAIN, DEGRADED]) expect([403, 415]).toContain(await send(path, headers, ""));
    expect([403, 415]).toContain(await send(TASKS.news.path, headers, JSON.stringify(NEWS_BODY)));
    expect(gateway.lifecycle.phase).toBe("serving");
    expect(gateway.operations.degraded.active).toBe(false);
  });

  it("is answered from our own page and from a program", async () => {
    const own = { origin: gateway.url, "sec-fetch-site": "same-origin", ...JSON_TYPE };
    expect(await send(TASKS.news.path, own, JSON.stringify(NEWS_BODY))).toBe(200);
    expect(await send(DEGRADED, { "content-type": "application/json; charset=utf-8" })).toBe(200);
    expect(await send(DRAIN, JSON_TYPE)).toBe(200);
    expect(await send(DRAIN, { "sec-fetch-site": "none" }, "", "GET")).toBe(200);
  });

  it("cannot read what happens here for another site's page", async () => {
    expect(await send(`${PATHS.admin}/activity`, { "sec-fetch-site": "cross-site" }, "", "GET")).toBe(403);
  });

  it("changes nothing by DELETE for another site's page", async () => {
    expect(await send(DRAIN, JSON_TYPE)).toBe(200);
    expect(await send(DRAIN, { origin: "http://evil.test" }, "", "DELETE")).toBe(403);
    expect(gateway.lifecycle.phase).toBe("draining");
  });
});

describe("a request with a token", () => {
  it("is answered wherever it comes from, without a body and its type too", async () => {
    const headers = { authorization: "Bearer any", origin: "https://app.example", "sec-fetch-site": "cross-site" };
    expect(await send(DRAIN, headers, "")).toBe(200);
  });
});
