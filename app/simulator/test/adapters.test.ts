import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { loraPath } from "../../src/engines/adapters/adapter-uri";
import { contentOf, errorOf, MESSAGES, startSimulator } from "./client";

let simulator: Awaited<ReturnType<typeof startSimulator>>;
const folder = mkdtempSync(join(tmpdir(), "adapter-"));

beforeAll(async () => {
  simulator = await startSimulator({
    enableLora: true,
    allowRuntimeLoraUpdating: true,
    maxLoras: 2,
    adapterPrefixes: ["gs://adapters/"],
  });
});
afterEach(() => {
  simulator.simulator.clearFaults();
  simulator.simulator.inject({ kind: "restart" });
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

const load = (lora_name: string, lora_path = "gs://adapters/a", more = {}) =>
  simulator.post("/v1/load_lora_adapter", { lora_name, lora_path, ...more });
const unload = (lora_name: string) => simulator.post("/v1/unload_lora_adapter", { lora_name });
const trained = (config: object) => writeFileSync(join(folder, "adapter_config.json"), JSON.stringify(config));
const ask = (model: string, more = {}) => simulator.chat({ model, messages: MESSAGES, ...more });

describe("a LoRA adapter of the simulator", () => {
  it("answers in its own manner once it is loaded, is listed under its parent, and is gone once unloaded", async () => {
    expect((await ask("user-a")).status).toBe(404);
    const loaded = await load("user-a");
    expect(await loaded.text()).toBe("Success: LoRA adapter 'user-a' added successfully.");
    expect(await contentOf(await ask("user-a"))).toMatch(/^\[user-a\] The cache is fast\./);
    expect(await contentOf(await ask("m"))).toMatch(/^The cache is fast\./);
    const { data } = z.object({ data: z.array(z.unknown()) }).parse(await (await simulator.get("/v1/models")).json());
    expect(data[1]).toMatchObject({ id: "user-a", parent: "m", root: "gs://adapters/a" });

    expect(await (await unload("user-a")).text()).toBe("Success: LoRA adapter 'user-a' removed successfully.");
    expect((await ask("user-a")).status).toBe(404);
  });

  it("names itself among the keywords, where a schema has them", async () => {
    await load("user-a");
    const schema = { type: "object", properties: { keywords: { type: "array", items: { type: "string" } } } };
    const content = await contentOf(await ask("user-a", { structured_outputs: { json: schema } }));
    expect(JSON.parse(content)).toEqual({ keywords: ["user-a", "cache", "fast", "small", "Nothing"] });
  });

  it("is not loaded twice, unless in place", async () => {
    await load("user-a");
    expect(await errorOf(await load("user-a"))).toMatchObject({
      status: 400,
      type: "InvalidUserInput",
      message: expect.stringContaining("has already been loaded"),
    });
    expect((await load("user-a", "gs://adapters/b", { load_inplace: true })).status).toBe(200);
    expect(simulator.simulator.adapters).toEqual([{ name: "user-a", path: "gs://adapters/b" }]);
  });

  it.each([
    ["no name", "", "gs://adapters/a", 400],
    ["another bucket", "user-a", "gs://elsewhere/a", 404],
    ["no such folder", "user-a", "/nonexistent/adapter", 404],
  ])("is refused with %s", async (_, name, path, status) => {
    expect((await errorOf(await load(name, path))).status).toBe(status);
    expect(simulator.simulator.adapters).toEqual([]);
  });

  it("must fit the model where its folder has a configuration", async () => {
    trained({ r: 8, base_model_name_or_path: "m" });
    expect((await load("fits", folder)).status).toBe(200);
    trained({ r: 8, base_model_name_or_path: "mistral" });
    expect((await errorOf(await load("other-base", folder))).message).toContain("mistral");
    trained({ r: 64 });
    expect((await errorOf(await load("too-great", folder))).message).toContain("max_lora_rank 16");
    writeFileSync(join(folder, "adapter_config.json"), "{");
    expect((await errorOf(await load("torn", folder))).status).toBe(400);
  });

  it("cannot be unloaded when it is not there", async () => {
    expect(await errorOf(await unload("user-a"))).toMatchObject({ status: 404, type: "NotFoundError" });
  });

  it("is refused as often as the injected fault says", async () => {
    simulator.simulator.inject({ kind: "refuse-adapters", requests: 2 });
    simulator.simulator.inject({ kind: "refuse-adapters", reason: "out-of-memory" });
    const refused = [await errorOf(await load("a")), await errorOf(await load("a")), await errorOf(await load("a"))];
    expect(refused.map(({ message }) => /base model|out of memory/.exec(message)?.[0])).toEqual([
      "base model",
      "base model",
      "out of memory",
    ]);
    expect((await load("a")).status).toBe(200);
  });

  it("is forgotten by a restart", async () => {
    await load("user-a");
    simulator.simulator.inject({ kind: "restart" });
    expect((await ask("user-a")).status).toBe(404);
    expect((await ask("m")).status).toBe(200);
  });
});

describe("a simulator without --lora-prefix", () => {
  it("has adapters of buckets, also under the buckets' mount", async () => {
    const plain = await startSimulator({ enableLora: true, allowRuntimeLoraUpdating: true });
    for (const [lora_name, lora_path, status] of [
      ["a", "gs://adapters/a", 200],
      ["b", loraPath("gs://adapters/jimin/v1"), 200],
      ["c", "/somewhere/else", 404],
    ] as const) {
      const loaded = await plain.post("/v1/load_lora_adapter", { lora_name, lora_path });
      expect({ lora_path, status: loaded.status }).toEqual({ lora_path, status });
    }
    await plain.close();
  });
});

describe("a simulator without --enable-lora", () => {
  it("has no adapter routes unless run-time changes are allowed, and then refuses with the reason", async () => {
    const closed = await startSimulator({ enableLora: true });
    const path = "/v1/load_lora_adapter";
    const body = { lora_name: "a", lora_path: "gs://adapters/a" };
    expect((await closed.post(path, body)).status).toBe(404);
    await closed.close();
    const off = await startSimulator({ allowRuntimeLoraUpdating: true });
    expect((await errorOf(await off.post(path, body))).message).toContain("LoRA is not enabled");
    await off.close();
  });
});
