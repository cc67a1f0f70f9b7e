import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { readConfig } from "../../src/config/config";
import { openRetrieval } from "../../src/retrieval/open-retrieval";

let folder: string;
let lines: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "terrace-open-retrieval-"));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

function open(environment: Record<string, string> = {}) {
  const config = readConfig({ DATA_DIR: folder, ...environment });
  return openRetrieval({ config, onState: () => {}, onProgress: (line) => lines.push(line) });
}

it("openRetrieval opens LanceDB and hashed n-grams by default, and keeps them for the next start", async () => {
  const first = await open();
  expect(first).toMatchObject({ storeKind: "lancedb", embedder: "hashed-ngrams-v1" });
  await first.warmUp();
  const id = "0123abcd-0123-4123-8123-0123456789ab";
  const metadata = { user: "u", repo: [], date: "2026-11-20", domain: "commit", language: "ko", title: "t" } as const;
  await first.knowledge.add({ id, text: "text", metadata });
  await first.close();
  const second = await open();
  expect(await second.knowledge.missing([id])).toEqual([]);
  await second.close();
  expect(lines).toEqual([]);
});

it("openRetrieval refuses a second gateway on one folder, naming the variable that separates them", async () => {
  const first = await open();
  await expect(open()).rejects.toThrow(/DATA_DIR/);
  await first.close();
  await (await open()).close();
});

it("openRetrieval starts while its servers are away, and names an embedder without calibration", async () => {
  const environment = { QDRANT_URL: "http://127.0.0.1:9", EMBED_URL: "http://127.0.0.1:9/v1" };
  const retrieval = await open({ ...environment, EMBED_MODEL: "BAAI/bge-m3" });
  expect(retrieval).toMatchObject({ storeKind: "qdrant", embedder: "BAAI/bge-m3" });
  await expect(retrieval.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(retrieval.warmUp()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await retrieval.close();
  expect(lines).toEqual([expect.stringContaining("EMBED_MODEL=BAAI/bge-m3 has no calibration")]);
  await (await open({ ...environment, EMBED_MODEL: "jhgan/ko-sbert-multitask" })).close();
  expect(lines).toHaveLength(1);
});
