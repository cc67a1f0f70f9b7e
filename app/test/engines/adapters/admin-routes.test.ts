import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler } from "fastify-type-provider-zod";
import { PATHS } from "../../../src/contract/endpoints";
import type { AdapterService } from "../../../src/engines/adapters/adapter-service";
import { errorHandler } from "../../../src/http/errors/error-handler";
import { validatorCompiler } from "../../../src/http/errors/validation";
import { adapterRoutes } from "../../../src/http/routes/admin/adapters";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { FakeHost } from "./fake-host";
import { startAdapters } from "./fixtures";

let postgres: TestPostgres;
let app: FastifyInstance;
let adapters: AdapterService;
let hosts: FakeHost[];
beforeAll(async () => {
  postgres = await startPostgres();
});
beforeEach(async () => {
  await adapters?.stop();
  await app?.close();
  const { sql } = await postgres.create();
  hosts = [new FakeHost("e1"), new FakeHost("e2")];
  adapters = startAdapters(sql, hosts);
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("caller", null);
  app.addHook("onRequest", async (request) => {
    request.caller = { name: "ci", role: "admin", users: [] };
  });
  await app.register(errorHandler, { bodyLimitBytes: 1024 * 1024 });
  await app.register(adapterRoutes, { adapters, prefix: PATHS.admin });
});
afterAll(async () => {
  await adapters.stop();
  await app.close();
  await postgres.close();
});

const ROOT = `${PATHS.admin}/adapters`;

const V1 = {
  name: "jimin-commit-v1",
  base_model: "base",
  version: 1,
  uri: "gs://adapters/jimin/commit/v1",
  sha256: "0".repeat(64),
  owner: "jimin",
  domain: "commit",
};

async function ask(method: "GET" | "POST" | "DELETE", path = "", payload?: object) {
  const response = await app.inject({ method, url: ROOT + path, ...(payload && { payload }) });
  return { status: response.statusCode, body: response.json(), text: response.body };
}

describe("/api/v1/admin/adapters", () => {
  it("takes an adapter from registration to retirement", async () => {
    expect(await ask("POST", "", V1)).toMatchObject({ status: 201, body: { ...V1, status: "staged", loaded_on: [] } });
    expect(await ask("POST", "", V1)).toMatchObject({ status: 200 });
    const v2 = { ...V1, name: "jimin-commit-v2", version: 2, uri: "gs://adapters/jimin/commit/v2" };
    await ask("POST", "", v2);
    const pointer = { owner: "jimin", domain: "commit" };
    expect(await ask("POST", "/jimin-commit-v1/activate")).toEqual(
      expect.objectContaining({ status: 200, body: { ...pointer, from: null, to: "jimin-commit-v1", changed: true } }),
    );
    expect(await ask("POST", "/jimin-commit-v1/activate")).toMatchObject({ body: { changed: false } });
    await ask("POST", "/jimin-commit-v2/activate");
    expect(await ask("POST", "/rollback", pointer)).toMatchObject({
      status: 200,
      body: { from: "jimin-commit-v2", to: "jimin-commit-v1" },
    });
    expect((await ask("GET")).body.adapters).toMatchObject([
      { name: "jimin-commit-v2", status: "retired", loaded_on: ["e1", "e2"], in_flight: 0 },
      { name: "jimin-commit-v1", status: "active", loaded_on: ["e1", "e2"], in_flight: 0 },
    ]);
    expect(await ask("POST", "/jimin-commit-v1/unload")).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect(await ask("POST", "/jimin-commit-v2/unload")).toMatchObject({ status: 200, body: { loaded_on: [] } });
    expect(await ask("DELETE", "/jimin-commit-v1")).toMatchObject({ status: 200, body: { status: "retired" } });
  });

  it.each([
    ["a name with a path in it", { name: "../../etc-v1" }, "name"],
    ["a name without its version", { name: "jimin-commit" }, "name"],
    ["a URI elsewhere", { uri: "gs://elsewhere/x" }, "uri"],
    ["a URI that climbs", { uri: "gs://adapters/%2e%2e/x" }, "uri"],
    ["a short hash", { sha256: "abc" }, "sha256"],
    ["version 0", { version: 0 }, "version"],
    ["an empty owner", { owner: "" }, "owner"],
    ["an unknown field", { colour: "red" }, "colour"],
  ])("refuses %s, naming the field", async (_case, wrong, field) => {
    const { status, body } = await ask("POST", "", { ...V1, ...wrong });
    expect({ status, code: body.code }).toEqual({ status: 422, code: "VALIDATION_ERROR" });
    expect(body.detail[0].loc).toEqual(["body", field]);
  });

  it.each([
    ["POST", "/nobody-v1/activate", undefined, 404],
    ["POST", "/nobody-v1/unload", undefined, 404],
    ["DELETE", "/nobody-v1", undefined, 404],
    ["POST", "/..%2F..%2Fetc/activate", undefined, 422],
    ["POST", "/rollback", { domain: "commit" }, 409],
    ["POST", "/rollback", { domain: "com/mit" }, 422],
    ["POST", "", { ...V1, base_model: "nobodys" }, 404],
  ] as const)("%s %s %j is %i", async (method, path, payload, status) => {
    expect(await ask(method, path, payload)).toMatchObject({ status });
  });

  it("counts the engines that refused, without their messages", async () => {
    await ask("POST", "", V1);
    hosts[1]?.refuse(V1.name);
    const { status, body, text } = await ask("POST", `/${V1.name}/activate`);
    expect({ status, code: body.code }).toEqual({ status: 502, code: "ADAPTER_NOT_LOADED" });
    expect(body.detail).toContain("1 of 2");
    expect(text).not.toContain("refuses");
    expect((await ask("GET")).body.adapters).toMatchObject([{ status: "staged" }]);
  });
});
