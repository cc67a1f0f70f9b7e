import { afterEach, describe, expect, it } from "@jest/globals";
import { ConfigError, readConfig } from "../../../src/config/config";
import { TASKS } from "../../../src/contract/tasks";
import { NEWS_BODY } from "../../support/bodies";
import { type GatewayOptions, startSimulatedGateway } from "../../support/gateway";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function gateway(options: Partial<GatewayOptions> = {}) {
  const started = await startSimulatedGateway(options);
  closers.push(started.close);
  return started;
}

const ORIGIN = "https://app.example.com";
const PREFLIGHT = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
const preflight = (url: string, origin: string) =>
  fetch(url + TASKS.news.path, { method: "OPTIONS", headers: { origin, ...PREFLIGHT } });
/** Headers of CORS in an answer. */
const granted = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith("access-control-"));

describe("cors", () => {
  it("answers no page of another origin by default", async () => {
    const { url } = await gateway();
    const response = await preflight(url, ORIGIN);
    expect({ status: response.status, granted: granted(response) }).toEqual({ status: 405, granted: [] });
  });

  it("answers the preflight of a configured origin before any token is asked for", async () => {
    const { url } = await gateway({ corsOrigins: [ORIGIN], tokens: [] });
    const response = await preflight(url, ORIGIN);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization, content-type");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")).toContain("Origin");
  });

  it.each([
    "https://evil.test",
    "null",
    "http://app.example.com",
    "https://app.example.com.evil.test",
    "https://app.example.com:8443",
  ])("grants nothing to %s", async (origin) => {
    const { url, post } = await gateway({ corsOrigins: [ORIGIN] });
    const headers = { origin, authorization: "Bearer t" };
    for (const response of [await preflight(url, origin), await post(TASKS.news.path, NEWS_BODY, { headers })]) {
      expect(granted(response)).toEqual([]);
      expect(response.headers.get("vary")).toContain("Origin");
    }
  });

  it.each([
    ["an answer", NEWS_BODY, 200],
    ["a stream", { ...NEWS_BODY, stream: true }, 200],
    ["an error", {}, 422],
  ])("lets a configured origin read %s", async (_what, body, status) => {
    const { post } = await gateway({ corsOrigins: [ORIGIN] });
    const headers = { origin: ORIGIN, authorization: "Bearer t" };
    const response = await post(TASKS.news.path, body, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
  });

  it("lets no page act without a token, of a configured origin neither", async () => {
    const { post } = await gateway({ corsOrigins: [ORIGIN] });
    const response = await post(TASKS.news.path, NEWS_BODY, { headers: { origin: ORIGIN } });
    expect(await response.json()).toMatchObject({ code: "CROSS_SITE" });
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });
});

describe("CORS_ORIGINS", () => {
  it("is none by default, and takes origins", () => {
    expect(readConfig({}).corsOrigins).toEqual([]);
    const { corsOrigins } = readConfig({ CORS_ORIGINS: "https://app.example.com, http://localhost:3000" });
    expect(corsOrigins).toEqual(["https://app.example.com", "http://localhost:3000"]);
  });

  it.each([
    "*",
    "app.example.com",
    "https://app.example.com/",
    "https://app.example.com/page",
    "https://App.example.com",
    "https://app.example.com:443",
    "https://*.example.com",
    "ftp://app.example.com",
    "null",
    Array(21).fill("https://app.example.com").join(","),
  ])("refuses %s", (CORS_ORIGINS) => {
    expect(() => readConfig({ CORS_ORIGINS })).toThrow(ConfigError);
  });
});
