import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { openLanceStore } from "../../src/retrieval/lance-store";
import { openQdrantStore } from "../../src/retrieval/qdrant-store";
import { storeUnavailable } from "../../src/retrieval/store-errors";
import type { VectorStore } from "../../src/retrieval/vector-store";
import { TIL_BODY } from "../support/bodies";
import { startForwarder } from "../support/forwarder";
import { startSimulatedGateway } from "../support/gateway";
import { startPostgres, type TestPostgres } from "../support/postgres";
import { qdrantServers } from "../support/qdrant";
import { testRetrieval } from "../support/retrieval";

const qdrants = qdrantServers();

let folder: string;
let postgres: TestPostgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-outages-"));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.close();
  await rm(folder, { recursive: true });
});

const answerSchema = z.looseObject({ id: z.uuid().nullable(), title: z.string(), warnings: z.array(z.string()) });

/** A vector store that can be taken away and brought back. */
function removable(store: VectorStore) {
  let away = false;
  const present = <T>(result: () => Promise<T>): Promise<T> =>
    away ? Promise.reject(storeUnavailable("vectors", new Error("gone"))) : result();
  return {
    store: {
      ...store,
      kind: store.kind,
      collection: (spec) => present(() => store.collection(spec)),
      ping: (signal) => present(() => store.ping(signal)),
      close: () => store.close(),
    } satisfies VectorStore,
    set away(value: boolean) {
      away = value;
    },
  };
}

describe("POST /til and /interview while a store is down", () => {
  it("PostgreSQL: returns the TIL with NOT_STORED, answers 503 with Retry-After where a stored one is needed, and recovers by itself", async () => {
    const { database } = await postgres.create();
    const gateway = await startSimulatedGateway({ stores: { database } });
    const ask = async () => answerSchema.parse(await (await gateway.post("/til", TIL_BODY)).json());
    try {
      const before = await ask();
      expect(before.warnings).toEqual([]);
      await postgres.kill();
      expect(await ask()).toMatchObject({ id: null, title: before.title, warnings: ["NOT_STORED"] });
      const interview = await gateway.post("/interview", { user: "jimin", til_id: before.id });
      expect(interview.status).toBe(503);
      expect(interview.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await interview.json()).toMatchObject({ code: "STORE_UNAVAILABLE" });
      await postgres.restart();
      expect((await gateway.post("/interview", { user: "jimin", til_id: before.id })).status).toBe(200);
      expect((await ask()).warnings).toEqual([]);
    } finally {
      await gateway.close();
    }
  });

  it("vectors: answers without context and with a warning, stores the TIL, and finds it once the store is back", async () => {
    const { database } = await postgres.create();
    const vectors = removable(await openLanceStore(folder));
    const gateway = await startSimulatedGateway({
      stores: { database },
      retrieval: testRetrieval({ store: vectors.store }),
    });
    vectors.away = true;
    const lost = answerSchema.parse(await (await gateway.post("/til", TIL_BODY)).json());
    await gateway.close();
    expect(lost.warnings).toEqual(["RETRIEVAL_UNAVAILABLE", "NOT_INDEXED"]);
    vectors.away = false;
    const retrieval = testRetrieval({ store: vectors.store });
    const id = z.uuid().parse(lost.id);
    expect(await retrieval.knowledge.missing([id])).toEqual([id]);
    // The next start brings the index up to the rows, in the background.
    const next = await startSimulatedGateway({ stores: { database }, retrieval });
    try {
      while ((await retrieval.knowledge.missing([id])).length > 0) await new Promise(setImmediate);
    } finally {
      await next.close();
      await vectors.store.close();
    }
  });

  qdrants.it(
    "vectors that come back empty: the collection is made anew and filled from the rows, without a restart",
    async () => {
      const { database } = await postgres.create();
      const first = await qdrants.start();
      const address = await startForwarder(first.url);
      const store = await openQdrantStore({ url: address.url, apiKey: first.apiKey });
      const retrieval = testRetrieval({ store });
      const gateway = await startSimulatedGateway({ stores: { database }, retrieval });
      const ask = async () => answerSchema.parse(await (await gateway.post("/til", TIL_BODY)).json());
      try {
        const before = await ask();
        expect(before.warnings).toEqual([]);
        await first.close();
        const second = await qdrants.start();
        address.forwardTo(second.url);
        // Seen by this request's own lookup, before anything is indexed again.
        expect((await ask()).warnings).toContain("RETRIEVAL_UNAVAILABLE");
        const id = z.uuid().parse(before.id);
        while ((await retrieval.knowledge.missing([id])).length > 0) await new Promise((done) => setTimeout(done, 20));
        expect((await ask()).warnings).toEqual([]);
        await second.close();
      } finally {
        await gateway.close();
        await address.close();
      }
    },
  );
});
