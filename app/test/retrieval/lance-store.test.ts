import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openLanceStore } from "../../src/retrieval/lance-store";
import { pointId } from "../../src/retrieval/point-id";
import { storeContract } from "./store-contract";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-vectors-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("LanceStore", () => {
  storeContract(
    () => openLanceStore(folder),
    async (store) => {
      await store.close();
      return openLanceStore(folder);
    },
  );

  it("merges the small files of many writes, and stays readable meanwhile", async () => {
    const store = await openLanceStore(join(folder, "writes"));
    const collection = await store.collection({ name: "writes", space: "s", dim: 2, fields: {} });
    const writes = 150;
    const point = (index: number) => ({ id: pointId(index), vector: Float32Array.of(1, index), payload: { index } });
    let writing = true;
    const reading = (async () => {
      while (writing) await collection.search({ vector: Float32Array.of(1, 0), k: 200 });
    })();
    await Promise.all(Array.from({ length: writes }, (_, index) => collection.upsert([point(index)])));
    writing = false;
    await reading;
    expect(await collection.count()).toBe(writes);
    expect(await collection.search({ vector: Float32Array.of(1, 0), k: 200 })).toHaveLength(writes);
    await store.close();
    const files = await readdir(join(folder, "writes", "writes.s.lance", "data"));
    expect(files.length).toBeLessThan(writes / 2);
  });
});
