import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pointId } from "../../src/retrieval/point-id";
import { openQdrantStore } from "../../src/retrieval/qdrant-store";
import { qdrantServers } from "../support/qdrant";
import type { QdrantServer } from "../support/qdrant-server";
import { storeContract } from "./store-contract";

const qdrants = qdrantServers();
const SPEC = { name: "tils", space: "test", dim: 3, fields: { user: "keyword" } } as const;
const POINT = { id: pointId("one"), vector: Float32Array.of(1, 0, 0), payload: { user: "jimin" } };

qdrants.describe(qdrants.name, () => {
  let server: QdrantServer;
  beforeAll(async () => {
    server = await qdrants.start({ apiKey: "key" });
  });
  afterAll(() => server.close());

  const open = () => openQdrantStore(server);
  storeContract(open, async (store) => {
    await store.close();
    return open();
  });

  const send = (method: string, path: string, body?: unknown) =>
    fetch(server.url + path, {
      method,
      headers: { "api-key": server.apiKey ?? "", "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  it("refuses values that Qdrant's protocol does not have", async () => {
    const create = (vectors: unknown) => send("PUT", "/collections/wrong", { vectors });
    expect((await create({ size: "3", distance: "Cosine" })).status).toBe(400);
    expect((await create({ size: 3, distance: "cosine" })).status).toBe(400);
    expect((await create({ size: 3, distance: "Cosine" })).status).toBe(200);
  });

  qdrants.standInOnly("a field that Qdrant ignores is refused by the stand-in alone")(
    "refuses fields that Qdrant's protocol does not have",
    async () => {
      const vectors = { size: 3, distance: "Cosine" };
      expect((await send("PUT", "/collections/unknown", { vectors, on_disk: true })).status).toBe(400);
    },
  );

  it("holds a collection behind an alias, which a restored one can take over", async () => {
    const store = await open();
    const collection = await store.collection(SPEC);
    await collection.upsert([POINT]);
    await send("PUT", "/collections/tils.test.restored", { vectors: { size: 3, distance: "Cosine" } });
    const create_alias = { alias_name: "tils.test", collection_name: "tils.test.restored" };
    const swap = { actions: [{ delete_alias: { alias_name: "tils.test" } }, { create_alias }] };
    expect((await send("POST", "/collections/aliases", swap)).status).toBe(200);
    expect(await collection.count()).toBe(0);
  });

  it("counts as unavailable with another key", async () => {
    const store = await openQdrantStore({ url: server.url, apiKey: "wrong" });
    await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", retryAfterSeconds: 5 });
    await expect(store.collection(SPEC)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("counts as unavailable once gone, for reading and for writing", async () => {
    const fleeting = await qdrants.start();
    const store = await openQdrantStore(fleeting);
    const collection = await store.collection(SPEC);
    await collection.upsert([POINT]);
    await fleeting.close();
    await expect(collection.search({ vector: POINT.vector, k: 1 })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      status: 503,
      params: { store: "Qdrant" },
    });
    await expect(collection.upsert([POINT])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("QdrantStore with a hanging server", () => {
  it("gives up after the timeout", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const store = await openQdrantStore({ url: `http://127.0.0.1:${port}`, timeoutMs: 100 });
    await expect(store.collection(SPEC)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
