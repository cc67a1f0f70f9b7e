import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "@jest/globals";
import { openLanceStore } from "../../src/retrieval/lance-store";
import { storeContract } from "./store-contract";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-vectors-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("LanceDB", () => {
  storeContract(
    () => openLanceStore(folder),
    async (store) => {
      await store.close();
      return openLanceStore(folder);
    },
  );
});
