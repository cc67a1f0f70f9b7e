import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { PATHS } from "../../../src/contract/endpoints";
import { readServiceTokenItem, type ServiceToken, serviceTokenItem } from "../../../src/contract/service-token";
import { INTERVIEW_BODY, NEWS_BODY, TIL_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";

const entry = (name: string, users?: readonly string[]): ServiceToken => ({
  name,
  role: "service",
  users,
  sha256: createHash("sha256").update(name).digest("hex"),
});
const TOKENS = [
  entry("jimins", ["jimin", "mina"]),
  entry("everybodys", ["*"]),
  entry("old"),
  { ...entry("ops"), role: "admin" as const },
];
/** Bodies of the routes that take a user. */
const BODIES: Readonly<Record<string, object>> = {
  "/til": TIL_BODY,
  "/generate_til": TIL_BODY,
  "/interview": INTERVIEW_BODY,
};

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ tokens: TOKENS });
});
afterAll(() => gateway.close());

async function send(path: string, body: object, token: string) {
  const response = await gateway.post(path, body, { headers: { authorization: `Bearer ${token}` } });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

const schema = z.object({ properties: z.record(z.string(), z.unknown()).optional() });
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) }).optional(),
        parameters: z.array(z.object({ name: z.string() })).optional(),
      }),
    ),
  ),
});

/** Paths with a field or parameter `user`. */
async function pathsWithUser(): Promise<string[]> {
  const { paths } = documentSchema.parse(await (await fetch(gateway.url + PATHS.openapi)).json());
  return Object.entries(paths)
    .filter(([, methods]) =>
      Object.values(methods).some(
        ({ requestBody, parameters = [] }) =>
          "user" in (requestBody?.content["application/json"].schema.properties ?? {}) ||
          parameters.some(({ name }) => name === "user"),
      ),
    )
    .map(([path]) => path);
}

describe("a token's users", () => {
  it("refuses another user on every route that takes one", async () => {
    expect((await pathsWithUser()).sort()).toEqual(Object.keys(BODIES).sort());
    for (const [path, body] of Object.entries(BODIES)) {
      for (const user of ["other", "Jimin", "jimin+mina", "*", "jimi"]) {
        const { status, answer } = await send(path, { ...body, user }, "jimins");
        expect({ path, user, status }).toEqual({ path, user, status: 403 });
        expect(answer).toMatchObject({ code: "FORBIDDEN_USER" });
      }
    }
  });

  it.each(Object.entries(BODIES))(
    "let %s through for those that are named, and for everybody with *",
    async (path, body) => {
      for (const [token, user] of [
        ["jimins", "jimin"],
        ["jimins", "mina"],
        ["everybodys", "anybody"],
      ] as const) {
        expect((await send(path, { ...body, user }, token)).status).toBe(200);
      }
    },
  );

  it.each(["old", "ops"])("are nobody where none are named, for an admin too: %s", async (token) => {
    for (const [path, body] of Object.entries(BODIES)) expect((await send(path, body, token)).status).toBe(403);
    expect((await send("/news", NEWS_BODY, token)).status).toBe(200);
  });

  it("are refused in a stream before it begins, and not counted as work", async () => {
    const { status } = await send("/til", { ...TIL_BODY, user: "other", stream: true }, "jimins");
    expect(status).toBe(403);
    expect(gateway.operations.work.count).toBe(0);
  });
});

describe("an item of SERVICE_TOKENS", () => {
  it("reads back as it was written, with users and without", () => {
    for (const token of [entry("a", ["*"]), entry("b", ["jimin", "김-지민", "a.b@c.kr"])]) {
      expect(readServiceTokenItem(serviceTokenItem(token))).toEqual(token);
    }
    const { users: _none, ...old } = entry("old");
    expect(serviceTokenItem(old)).toBe(`old:service=${old.sha256}`);
    expect(readServiceTokenItem(serviceTokenItem(old))).toEqual(old);
  });

  it.each(["a:service:=", "a:service:b+=", "a:service:b c=", "a:service:b:c=", "a:service:b;c="])(
    "is none as %sHASH",
    (head) => {
      expect(readServiceTokenItem(head + "0".repeat(64))).toBeUndefined();
    },
  );
});
