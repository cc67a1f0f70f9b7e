import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { readConfig } from "../../../src/config/config";
import { PATHS } from "../../../src/contract/endpoints";
import type { ServiceToken } from "../../../src/contract/service-token";
import { TASKS } from "../../../src/contract/tasks";
import { Access } from "../../../src/http/auth/access";
import { ServiceTokens } from "../../../src/http/auth/service-tokens";
import { isLoopback } from "../../../src/shared/loopback";
import { NEWS_BODY } from "../../support/bodies";
import { say, startEngine } from "../../support/engine";
import { type GatewayOptions, startGateway } from "../../support/gateway";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ANSWER = JSON.stringify({ summary: "s", bullets: ["b"], keywords: ["k"] });

async function gateway(options: Partial<GatewayOptions>) {
  const engine = await startEngine((_asked, response) => say(response, ANSWER));
  closers.push(() => engine.close());
  const started = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closers.push(() => started.close());
  return started;
}

const entry = (name: string, role: ServiceToken["role"], token: string): ServiceToken => ({
  name,
  role,
  sha256: createHash("sha256").update(token).digest("hex"),
});
const TOKENS = [entry("ci", "service", "service-token"), entry("ops", "admin", "admin-token")];
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ security: z.unknown().optional(), responses: z.record(z.string(), z.unknown()) })),
  ),
});
const GOODPUT = `${PATHS.admin}/goodput`;

describe("routes with SERVICE_TOKENS", () => {
  it("accept a token for the routes of its role", async () => {
    const { url, post } = await gateway({ tokens: TOKENS });
    expect((await post(TASKS.news.path, NEWS_BODY, bearer("service-token"))).status).toBe(200);
    expect((await post(TASKS.news.path, NEWS_BODY, bearer("admin-token"))).status).toBe(200);
    expect((await fetch(url + GOODPUT, bearer("admin-token"))).status).toBe(200);
    const refused = await fetch(url + GOODPUT, bearer("service-token"));
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="terrace", error="insufficient_scope"');
    expect(await refused.json()).toMatchObject({ code: "FORBIDDEN", detail: expect.stringContaining("role admin") });
  });

  it.each([
    ["none", undefined],
    ["an unknown one", "Bearer other"],
    ["the hash of one", `Bearer ${TOKENS[0]?.sha256}`],
    ["one cut short", "Bearer service-toke"],
    ["one with more behind it", "Bearer service-token2"],
    ["an empty one", "Bearer "],
    ["another scheme", `Basic ${Buffer.from("ci:service-token").toString("base64")}`],
    ["two", "Bearer service-token, Bearer admin-token"],
    ["an endless one", `Bearer ${"x".repeat(8_000)}`],
  ])("answer 401 to %s as the token", async (_what, authorization) => {
    const { post } = await gateway({ tokens: TOKENS });
    const response = await post(
      TASKS.news.path,
      NEWS_BODY,
      authorization === undefined ? {} : { headers: { authorization } },
    );
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      authorization === undefined ? 'Bearer realm="terrace"' : 'Bearer realm="terrace", error="invalid_token"',
    );
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: "UNAUTHORIZED", request_id: expect.any(String) });
    expect(text).not.toContain("service-toke");
  });

  it("refuse in the client's language, on this machine too", async () => {
    const { post } = await gateway({ tokens: TOKENS });
    const response = await post(TASKS.news.path, NEWS_BODY, { headers: { "accept-language": "ko" } });
    expect(await response.json()).toMatchObject({ code: "UNAUTHORIZED", detail: expect.stringContaining("토큰") });
  });

  it("answer 401 before the body has arrived", async () => {
    const { url } = await gateway({ tokens: TOKENS });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${TASKS.news.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"text":`,
    );
    const [data]: unknown[] = await once(socket, "data");
    expect(String(data)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it("leave probes, metrics, the landing page and the documentation open", async () => {
    const { url } = await gateway({ tokens: TOKENS, watch: true });
    for (const path of ["/", PATHS.live, PATHS.metrics, PATHS.docs, PATHS.openapi]) {
      expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 200 });
    }
    for (const path of [PATHS.healthz, PATHS.health, PATHS.ready]) {
      expect([200, 503]).toContain((await fetch(url + path)).status);
    }
  });

  it("guard every other route of the server", async () => {
    const { url } = await gateway({ tokens: TOKENS });
    const { paths } = documentSchema.parse(await (await fetch(url + PATHS.openapi)).json());
    const open = new Set<string>([PATHS.live, PATHS.ready, PATHS.healthz, PATHS.health, PATHS.metrics]);
    let guarded = 0;
    for (const [path, methods] of Object.entries(paths)) {
      if (open.has(path)) continue;
      for (const [method, operation] of Object.entries(methods)) {
        const response = await fetch(url + path.replace(/\{\w+\}/g, "x"), { method: method.toUpperCase() });
        await response.arrayBuffer();
        expect({ method, path, status: response.status }).toEqual({ method, path, status: 401 });
        expect(operation.security).toEqual([{ bearer: [] }]);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "403"]));
        guarded += 1;
      }
    }
    expect(guarded).toBeGreaterThanOrEqual(8);
  });
});

/** A developer's gateway: no tokens are configured, and it listens on this machine alone. */
const local = (firstStart: boolean) => ({ accepted: entry("local", "admin", "local-token"), firstStart });
const developers = (firstStart: boolean) => gateway({ access: new Access({ tokens: [], local: local(firstStart) }) });

describe("routes of a developer's first start", () => {
  it("accept programs on this machine without a token, those of admin excepted", async () => {
    const { url, post } = await developers(true);
    expect((await post(TASKS.news.path, NEWS_BODY)).status).toBe(200);
    const refused = await fetch(url + GOODPUT);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: "LOCAL_TOKEN" });
    expect((await fetch(url + GOODPUT, bearer("local-token"))).status).toBe(200);
    expect((await post(TASKS.news.path, NEWS_BODY, bearer("other"))).status).toBe(401);
  });

  it.each([
    "evil.example",
    "evil.example:8001",
    "10.0.0.1",
    "127.0.0.1.evil.example",
    "localhost:80@evil.example",
    "127.999.999.999",
    "/x",
  ])("refuse a browser or a proxy whose Host header is %j", async (host) => {
    const { app } = await developers(true);
    const response = await app.inject({ method: "POST", url: TASKS.news.path, headers: { host }, payload: NEWS_BODY });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: "LOCAL_TOKEN" });
  });

  it.each(["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"])(
    "refuse a request with %s, whatever its value",
    async (name) => {
      const { post } = await developers(true);
      for (const value of ["127.0.0.1", ""]) {
        const response = await post(TASKS.news.path, NEWS_BODY, { headers: { [name]: value } });
        expect({ value, status: response.status }).toEqual({ value, status: 401 });
      }
      const known = { headers: { [name]: "203.0.113.9", authorization: "Bearer local-token" } };
      expect((await post(TASKS.news.path, NEWS_BODY, known)).status).toBe(200);
    },
  );
});

describe("routes of a developer's later starts", () => {
  it("want the local token", async () => {
    const { post } = await developers(false);
    const refused = await post(TASKS.news.path, NEWS_BODY);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: "LOCAL_TOKEN", detail: expect.stringContaining("DATA_DIR") });
    expect((await post(TASKS.news.path, NEWS_BODY, bearer("local-token"))).status).toBe(200);
  });
});

describe("routes without SERVICE_TOKENS and without a local token", () => {
  it("answer 401 to everybody, with the way to make a token", async () => {
    const { post } = await gateway({ tokens: [] });
    const response = await post(TASKS.news.path, NEWS_BODY, bearer("any"));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      code: "NO_TOKENS",
      detail: expect.stringMatching(/npm run token -- NAME.*SERVICE_TOKENS/),
    });
  });
});

describe("Access", () => {
  it("prefers configured tokens to the local one, which it then refuses", async () => {
    const access = new Access({ tokens: TOKENS, local: local(true) });
    expect(access.policy).toBe("tokens");
    const { post } = await gateway({ access });
    expect((await post(TASKS.news.path, NEWS_BODY, bearer("local-token"))).status).toBe(401);
    expect((await post(TASKS.news.path, NEWS_BODY)).status).toBe(401);
  });
});

describe("isLoopback", () => {
  it("takes no other host's name for this machine", () => {
    for (const host of ["localhost.evil.example", "127.evil.example", "1270.0.0.1", "127.999.1.1", "", "0.0.0.0"]) {
      expect({ host, loopback: isLoopback(host) }).toEqual({ host, loopback: false });
    }
    for (const host of ["127.8.9.1", "[::1]", "LOCALHOST"]) expect(isLoopback(host)).toBe(true);
  });
});

describe("npm run token", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["-r", "ts-node/register/transpile-only", "tools/token/main.ts", ...args], {
      cwd: join(__dirname, "../../../.."),
      encoding: "utf8",
    });

  it("makes a token that its item of SERVICE_TOKENS accepts", () => {
    const { stdout, status } = run("ci", "--role", "admin");
    expect(status).toBe(0);
    const token = /token, shown this once: {2}(\S{43})$/m.exec(stdout)?.[1] ?? "";
    const item = /item of SERVICE_TOKENS: {2}(\S+)$/m.exec(stdout)?.[1] ?? "";
    const { serviceTokens } = readConfig({ SERVICE_TOKENS: item });
    expect(new ServiceTokens(serviceTokens).identify(`Bearer ${token}`)).toEqual({
      name: "ci",
      role: "admin",
      users: [],
    });
    expect(item).not.toContain(token);
  });

  it.each([
    ["jimin,mina", ["jimin", "mina"], ":jimin+mina="],
    ["*", ["*"], ":*="],
  ])("puts the users %s into the item", (given, users, part) => {
    const item = /item of SERVICE_TOKENS: {2}(\S+)$/m.exec(run("ci", "--users", given).stdout)?.[1] ?? "";
    expect(item).toContain(part);
    expect(readConfig({ SERVICE_TOKENS: item }).serviceTokens).toMatchObject([{ name: "ci", users }]);
  });

  it.each([
    [[]],
    [["Ci"]],
    [["ci", "--role", "root"]],
    [["ci", "more"]],
    [["ci", "--rule", "x"]],
    [["ci", "--users", "a b"]],
    [["ci", "--users", ""]],
  ])("prints its usage for the arguments %j", (args) => {
    const { status, stderr } = run(...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("Usage: npm run token") });
  });
});
