import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pointId } from "../../src/retrieval/point-id";
import { openQdrantStore } from "../../src/retrieval/qdrant-store";
import { type QdrantStandIn, qdrantStandIns } from "../support/qdrant-stand-in";
import { storeContract } from "./store-contract";

const standIns = qdrantStandIns();
const SPEC = { name: "tils", space: "test", dim: 3, fields: { user: "keyword" } } as const;
const POINT = { id: pointId("one"), vector: Float32Array.of(1, 0, 0), payload: { user: "jimin" } };

standIns.describe("Qdrant's stand-in", () => {
  let standIn: QdrantStandIn;
  beforeAll(async () => {
    standIn = await standIns.start({ apiKey: "key" });
  });
  afterAll(() => standIn.close());

  const open = () => openQdrantStore({ url: standIn.url, apiKey: "key" });
  storeContract(open, async (store) => {
    await store.close();
    return open();
  });

  it("refuses what Qdrant's protocol does not have", async () => {
    const send = (body: unknown) =>
      fetch(`${standIn.url}/collections/wrong`, {
        method: "PUT",
        headers: { "api-key": "key" },
        body: JSON.stringify(body),
      });
    expect((await send({ vectors: { size: "3", distance: "Cosine" } })).status).toBe(400);
    expect((await send({ vectors: { size: 3, distance: "cosine" } })).status).toBe(400);
    expect((await send({ vectors: { size: 3, distance: "Cosine" }, on_disk: true })).status).toBe(400);
    expect((await send({ vectors: { size: 3, distance: "Cosine" } })).status).toBe(200);
  });

  it("holds a collection behind an alias, which a restored one can take over", async () => {
    const store = await open();
    const collection = await store.collection(SPEC);
    await collection.upsert([POINT]);
    const headers = { "api-key": "key", "content-type": "application/json" };
    const ask = (method: string, path: string, body?: unknown) =>
      fetch(standIn.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    await ask("PUT", "/collections/tils.test.restored", { vectors: { size: 3, distance: "Cosine" } });
    const create_alias = { alias_name: "tils.test", collection_name: "tils.test.restored" };
    const swap = { actions: [{ delete_alias: { alias_name: "tils.test" } }, { create_alias }] };
    expect((await ask("POST", "/collections/aliases", swap)).status).toBe(200);
    expect(await collection.count()).toBe(0);
  });

  it("counts as unavailable with another key", async () => {
    const store = await openQdrantStore({ url: standIn.url, apiKey: "wrong" });
    await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", retryAfterSeconds: 5 });
    await expect(store.collection(SPEC)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("counts as unavailable once gone, for reading and for writing", async () => {
    const fleeting = await standIns.start();
    const store = await openQdrantStore({ url: fleeting.url });
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
