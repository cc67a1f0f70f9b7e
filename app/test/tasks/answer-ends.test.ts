import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import type { FaultInput } from "../../simulator/src/faults";
import { buildSimulator } from "../../simulator/src/simulator-server";
import { openLanceStore } from "../../src/retrieval/lance-store";
import type { VectorStore } from "../../src/retrieval/vector-store";
import type { Database } from "../../src/stores/postgres/database";
import { CHAT_BODY, INTERVIEW_BODY, NEWS_BODY, TIL_BODY } from "../support/bodies";
import { type RunningGateway, startGateway } from "../support/gateway";
import { startPostgres, type TestPostgres } from "../support/postgres";
import { testRetrieval } from "../support/retrieval";

const simulator = buildSimulator({ speed: 0, model: "m", stepwise: true });
let folder: string;
let postgres: TestPostgres;
let database: Database;
let vectors: VectorStore;
let address: string;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-ends-"));
  postgres = await startPostgres();
  ({ database } = await postgres.create());
  vectors = await openLanceStore(folder);
  address = await simulator.listen({ port: 0, host: "127.0.0.1" });
});
// Its own for each test: some of the faults open the engine's circuit.
beforeEach(async () => {
  const retrieval = testRetrieval({ store: vectors });
  gateway = await startGateway({ baseUrl: `${address}/v1`, stores: { database }, retrieval });
});
afterEach(async () => {
  simulator.clearFaults();
  await gateway.close();
});
afterAll(async () => {
  await simulator.close();
  await vectors.close();
  await postgres.close();
  await rm(folder, { recursive: true });
});

const UNUSABLE: readonly (readonly [string, FaultInput])[] = [
  ["finish_reason abort", { kind: "finish", reason: "abort", afterTokens: 20 }],
  ["finish_reason error", { kind: "finish", reason: "error", afterTokens: 20 }],
  ["no finish_reason", { kind: "finish", reason: null, afterTokens: 20 }],
  ["no text", { kind: "finish", reason: "stop", afterTokens: 0 }],
  ['{"error": {"message": …}}', { kind: "error-object", form: "openai", afterTokens: 20 }],
  ['{"error": "…"}', { kind: "error-object", form: "text", afterTokens: 20 }],
  ['{"message": …}', { kind: "error-object", form: "message", afterTokens: 20 }],
  ['{"detail": …}', { kind: "error-object", form: "detail", afterTokens: 20 }],
];

const rowsOf = (user: string) => database.sql.selectFrom("tils").selectAll().where("user_name", "=", user).execute();

describe.each(UNUSABLE.map(([name, fault], index) => [name, fault, index] as const))(
  "An answer that ends with %s",
  (_, fault, index) => {
    it("is 502 on every route, and nothing is stored or found later", async () => {
      const user = `whole-${index}`;
      for (const [path, body] of [
        ["/til", { ...TIL_BODY, user }],
        ["/news", NEWS_BODY],
        ["/interview", INTERVIEW_BODY],
        ["/api/chat", { ...CHAT_BODY, stream: false }],
      ] as const) {
        simulator.inject(fault);
        const response = await gateway.post(path, body);
        const text = await response.text();
        expect({ path, status: response.status, text }).toMatchObject({ status: 502 });
        expect(JSON.parse(text)).toMatchObject({ code: "ENGINE_BAD_REPLY" });
        expect(text).not.toContain("Injected");
      }
      expect(await rowsOf(user)).toEqual([]);
      const next = await (await gateway.post("/til", { ...TIL_BODY, user })).json();
      expect(next).toMatchObject({ id: expect.any(String), sources: [] });
    });

    it("ends a stream with an error event instead of [DONE], and nothing is stored", async () => {
      const user = `stream-${index}`;
      for (const [path, body] of [
        ["/til", { ...TIL_BODY, user, stream: true }],
        ["/news", { ...NEWS_BODY, stream: true }],
        ["/api/chat", CHAT_BODY],
      ] as const) {
        // A chat is the engine's own bytes, which name no end where the engine named none.
        if (path === "/api/chat" && fault.kind === "finish" && fault.reason === null) continue;
        simulator.inject(fault);
        const response = await gateway.post(path, body);
        const text = await response.text();
        expect({ path, text }).toMatchObject({ text: expect.stringContaining("ENGINE_BAD_REPLY") });
        // Before the stream begins it is still a status.
        if (response.status !== 502) expect(text).toMatch(/^event: error$/m);
        expect(text).not.toMatch(/^event: stored$|\[DONE\]|"finish_reason":"/m);
        expect(text).not.toContain("Injected");
      }
      expect(await rowsOf(user)).toEqual([]);
    });
  },
);

describe("An answer that is cut off at its token limit", () => {
  const cut: FaultInput = { kind: "finish", reason: "length", afterTokens: 40 };
  const storedSchema = z.looseObject({ id: z.uuid(), warnings: z.array(z.string()) });

  it("is kept with ANSWER_TRUNCATED, which its row says too", async () => {
    simulator.inject(cut);
    const text = await (await gateway.post("/til", { ...TIL_BODY, user: "cut", stream: true })).text();
    const stored = storedSchema.parse(JSON.parse(/^event: stored\ndata: (.*)$/m.exec(text)?.[1] ?? ""));
    expect(stored.warnings).toEqual(["ANSWER_TRUNCATED"]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await rowsOf("cut")).toMatchObject([{ id: stored.id, truncated: true }]);
  });

  it("has no such warning where it is complete", async () => {
    const text = await (await gateway.post("/til", { ...TIL_BODY, user: "complete", stream: true })).text();
    const stored = storedSchema.parse(JSON.parse(/^event: stored\ndata: (.*)$/m.exec(text)?.[1] ?? ""));
    expect(stored.warnings).toEqual([]);
    expect(await rowsOf("complete")).toMatchObject([{ id: stored.id, truncated: false }]);
  });

  it("says so in a streamed summary's last chunk and in a chat", async () => {
    for (const [path, body] of [
      ["/news", { ...NEWS_BODY, stream: true }],
      ["/api/chat", CHAT_BODY],
      ["/api/chat", { ...CHAT_BODY, stream: false }],
    ] as const) {
      simulator.inject({ ...cut, afterTokens: 4 });
      expect(await (await gateway.post(path, body)).text()).toContain('"finish_reason":"length"');
    }
  });
});
