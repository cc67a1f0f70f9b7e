import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { preferredLanguage } from "../../../src/shared/errors/language";
import { INTERVIEW_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";
import { sendBytes } from "../../support/raw-connection";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ bodyLimitBytes: 4_096 });
});
afterAll(() => gateway.close());

const errorSchema = z.strictObject({
  detail: z.union([
    z.string(),
    z.array(z.strictObject({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })),
  ]),
  code: z.string().regex(/^[A-Z_]+$/),
  request_id: z.string(),
});

async function read(response: Response) {
  const sent = await response.text();
  expect(sent).not.toMatch(/\bat .*\.[jt]s:\d|node_modules/);
  const body = errorSchema.parse(JSON.parse(sent));
  expect(body.request_id).toBe(response.headers.get("x-request-id"));
  return { status: response.status, ...body };
}

describe("error answers", () => {
  it("are 404 for an unknown path", async () => {
    expect(await read(await fetch(`${gateway.url}/nope?x=1`))).toMatchObject({
      status: 404,
      code: "NOT_FOUND",
      detail: "There is nothing at /nope.",
    });
  });

  it("are 405 with Allow for a method that the path does not have", async () => {
    const response = await fetch(`${gateway.url}/til`);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await read(response)).toMatchObject({ status: 405, code: "METHOD_NOT_ALLOWED" });
    const health = await fetch(`${gateway.url}/healthz`, { method: "DELETE" });
    expect(health.headers.get("allow")).toBe("GET, HEAD");
    expect(health.status).toBe(405);
  });

  it("are 413 for a body above BODY_LIMIT_BYTES", async () => {
    const response = await gateway.post("/news", { text: "x".repeat(5_000) });
    expect(await read(response)).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE" });
  });

  it("are 415 for a body of another type than JSON, and 422 for one that is not JSON", async () => {
    const form = await gateway.post("/news", "a=1", {
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(await read(form)).toMatchObject({ status: 415 });
    for (const body of ["{", "", "{]"]) {
      expect(await read(await gateway.post("/news", body))).toMatchObject({
        status: 422,
        code: "VALIDATION_ERROR",
        detail: [{ loc: ["body"], type: "json_invalid" }],
      });
    }
  });

  it("are 422 with the path of every wrong field", async () => {
    const body = {
      user: "",
      repo: [{ name: "a", files: [{ filepath: "x", patches: [{ patch: 5 }] }] }],
      langauge: "ko",
    };
    const { status, detail } = await read(await gateway.post("/til", body));
    expect(status).toBe(422);
    expect(detail).toEqual([
      { loc: ["body", "user"], msg: "Too small: expected string to have >=1 characters", type: "too_small" },
      { loc: ["body", "repo", 0, "files", 0, "patches", 0, "commit_message"], msg: "Field required", type: "missing" },
      {
        loc: ["body", "repo", 0, "files", 0, "patches", 0, "patch"],
        msg: "Invalid input: expected string, received number",
        type: "invalid_type",
      },
      { loc: ["body", "langauge"], msg: 'Unrecognized key: "langauge"', type: "unrecognized_keys" },
    ]);
  });

  const wrong: [string, string, unknown][] = [
    ["no files and no commits", "/til", { ...TIL_BODY, repo: [{ name: "a" }] }],
    ["an unknown domain", "/til", { ...TIL_BODY, domain: "paper" }],
    ["a date that is none", "/til", { ...TIL_BODY, date: "2026-02-30" }],
    ["a language we do not write", "/news", { ...NEWS_BODY, language: "fr" }],
    ["text of white space", "/news", { text: " \n" }],
    ["a level out of range", "/interview", { ...INTERVIEW_BODY, level: 4 }],
    ["more questions than ten", "/interview", { ...INTERVIEW_BODY, count: 11 }],
    ["a body that is a list", "/news", []],
  ];
  it.each(wrong)("are 422 for %s", async (_what, path, body) => {
    expect(await read(await gateway.post(path, body))).toMatchObject({ status: 422, code: "VALIDATION_ERROR" });
  });

  it("are Korean where Accept-Language prefers it", async () => {
    const headers = { "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" };
    expect(await read(await fetch(`${gateway.url}/nope`, { headers }))).toMatchObject({
      detail: "/nope 경로가 없습니다.",
    });
    const { detail } = await read(await gateway.post("/news", { text: 5 }, { headers }));
    expect(detail).toEqual([{ loc: ["body", "text"], msg: expect.stringMatching(/[가-힣]/), type: "invalid_type" }]);
    const missing = await read(await gateway.post("/news", {}, { headers }));
    expect(missing.detail).toEqual([{ loc: ["body", "text"], msg: "필수 항목입니다", type: "missing" }]);
  });
});

/** What the gateway answers to bytes as they are. */
async function send(bytes: string) {
  const { status, head, body } = await sendBytes(gateway.url, bytes);
  return { status, id: /^x-request-id: (.*)$/im.exec(head)?.[1], body: errorSchema.parse(JSON.parse(body)) };
}

describe("requests that no route handles", () => {
  it.each(["GET /%ff", "GET /til/%zz", "GET /api/v1/admin/adapters/%e0%a4", "FOO /til", "GET / x"])(
    "are 400 in our shape for what cannot be read: %s",
    async (line) => {
      const { status, id, body } = await send(`${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect({ status, body }).toMatchObject({ status: 400, body: { code: "BAD_REQUEST", request_id: id } });
    },
  );

  it.each([
    ["no Host", "GET /healthz HTTP/1.1\r\n"],
    ["two of them", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n"],
    ["the same one twice", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n"],
  ])("are 400 in our shape for %s", async (_what, head) => {
    const { status, id, body } = await send(`${head}Connection: close\r\n\r\n`);
    expect({ status, body }).toMatchObject({ status: 400, body: { code: "HOST_HEADER", request_id: id } });
  });

  it("need no Host in HTTP/1.0, which has none", async () => {
    expect((await sendBytes(gateway.url, "GET /health/live HTTP/1.0\r\n\r\n")).status).toBe(200);
  });

  it("are 417 in our shape for an Expect other than 100-continue", async () => {
    const { status, id, body } = await send(
      "POST /news HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n{}",
    );
    expect({ status, body }).toMatchObject({ status: 417, body: { code: "EXPECTATION_FAILED", request_id: id } });
  });

  it("are 400 in our shape for CONNECT", async () => {
    const { status, id, body } = await send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    expect({ status, body }).toMatchObject({ status: 400, body: { code: "BAD_REQUEST", request_id: id } });
  });

  it.each(["QUERY", "PROPFIND", "TRACE", "PURGE"])("are 405 for %s, with a body or without", async (method) => {
    for (const rest of ["", "Content-Type: text/plain\r\nContent-Length: 2\r\n"]) {
      const { status, body } = await send(
        `${method} /til HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${rest}\r\n${rest && "{}"}`,
      );
      expect({ status, code: body.code }).toEqual({ status: 405, code: "METHOD_NOT_ALLOWED" });
    }
  });

  it("are 404 for an unknown path, whatever the type of their body", async () => {
    const response = await gateway.post("/nope", "a", { headers: { "content-type": "text/plain" } });
    expect(await read(response)).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  it("are 431 in our shape for headers above 16 KiB", async () => {
    const { status, id, body } = await send(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`);
    expect({ status, body }).toMatchObject({ status: 431, body: { code: "HEADERS_TOO_LARGE", request_id: id } });
  });
});

describe("the field user", () => {
  it.each([
    ["a\u0000", "must not hold control characters"],
    ["a\n", "must not hold control characters"],
    ["\ud800", "must not hold half a surrogate pair (\\ud800 to \\udfff without its other half)"],
  ])("is refused with 422 where it contains %j: it is a key of stored texts", async (user, msg) => {
    for (const [path, body] of [
      ["/til", TIL_BODY],
      ["/interview", INTERVIEW_BODY],
    ] as const) {
      const { status, detail } = await read(await gateway.post(path, { ...body, user }));
      expect({ path, status, detail }).toMatchObject({ status: 422, detail: [{ loc: ["body", "user"], msg }] });
    }
  });
});

describe("X-Request-Id", () => {
  it("is the client's own where that is well formed", async () => {
    const response = await fetch(`${gateway.url}/health/live`, { headers: { "x-request-id": "trace-1.2:3" } });
    expect(response.headers.get("x-request-id")).toBe("trace-1.2:3");
  });

  it.each(["a b", '"><script>', "x".repeat(129), "-starts-badly", "한글".normalize()])(
    "is a new UUID instead of %p",
    async (given) => {
      const headers = { "x-request-id": encodeURI(given) === given ? given : Buffer.from(given).toString("latin1") };
      const response = await fetch(`${gateway.url}/health/live`, { headers });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    },
  );
});

describe("gateway_requests_total", () => {
  it("counts by route template: invented paths and methods add no series", async () => {
    const scrape = async () => (await fetch(`${gateway.url}/metrics`)).text();
    await fetch(`${gateway.url}/nope`);
    await scrape();
    const before = await scrape();
    for (let index = 0; index < 20; index += 1) await fetch(`${gateway.url}/invented/${index}`, { method: "PATCH" });
    const after = await scrape();
    const routes = (text: string) =>
      new Set([...text.matchAll(/gateway_requests_total\{route="([^"]*)"/g)].map((match) => match[1]));
    expect(routes(after)).toEqual(routes(before));
    expect(routes(before)).toContain("unmatched");
    expect(after).not.toContain("invented");
  });
});

describe("preferredLanguage", () => {
  it.each([
    [undefined, "en"],
    ["", "en"],
    ["*", "en"],
    ["fr", "en"],
    ["ko", "ko"],
    ["KO-kr", "ko"],
    ["en;q=0.5, ko;q=0.9", "ko"],
    ["ko;q=0.5, en", "en"],
    ["ko;q=0", "en"],
    ["korean-is-not-a-tag", "en"],
  ])("of Accept-Language %p is %p", (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });

  it("is Korean or English for any header", () => {
    fc.assert(fc.property(fc.string(), (header) => ["ko", "en"].includes(preferredLanguage(header))));
  });
});
